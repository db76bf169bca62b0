"""Requests for certification (R11)."""
