"""Accounts, the money and what we write to customers, in the back office."""

from billing.admin import accounts, certification, ledger, notices, people, security

__all__ = ["accounts", "certification", "ledger", "notices", "people", "security"]
