"""Billing in the back office."""

from billing.admin import accounts, customer_sections, ledger

__all__ = ["accounts", "customer_sections", "ledger"]
