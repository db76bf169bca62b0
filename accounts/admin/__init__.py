"""Accounts, people, certification and emails in the back office."""

from accounts.admin import accounts, certification, emails, people, security_log

__all__ = ["accounts", "certification", "emails", "people", "security_log"]
