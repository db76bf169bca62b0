"""Contracts, their tickets, files and trail, and what new contracts say, in the back office."""

from contracts.admin import clauses, contracts, issuer, tickets, trail

__all__ = ["clauses", "contracts", "issuer", "tickets", "trail"]
