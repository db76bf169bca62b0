"""Accounts that the vendor brings in: create and update them in batches (`batches`), read CSV files (`files`) (R49)."""

from accounts.provisioning.batches import Outcome, write_account, write_accounts
from accounts.provisioning.files import COLUMNS, import_file
from accounts.provisioning.rows import AccountRow

__all__ = ["COLUMNS", "AccountRow", "Outcome", "import_file", "write_account", "write_accounts"]
