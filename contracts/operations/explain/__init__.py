"""Explain why a contract is as it is: what happened to it, and what would be needed now (`manage.py explain`)."""
