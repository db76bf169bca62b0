"""Accounts, people, certification and emails in the back office."""

from accounts.admin import accounts, certification, customer_sections, emails, people, proposals, security_log

__all__ = ["accounts", "certification", "customer_sections", "emails", "people", "proposals", "security_log"]
