"""Billing in the back office."""

from billing.admin import accounts, ledger

__all__ = ["accounts", "ledger"]
