"""Emails to customers, to be read."""
