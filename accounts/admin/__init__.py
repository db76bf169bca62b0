"""Accounts, the money and what we write to customers, in the back office."""

from accounts.admin import accounts, certification, emails as notices, people, security_log as security
from billing.admin import ledger

__all__ = ["accounts", "certification", "ledger", "notices", "people", "security"]
