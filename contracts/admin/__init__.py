"""Back office pages of contracts, void tickets, documents, the audit trail, clauses and the issuer."""

from contracts.admin import clauses, contracts, issuer, tickets, trail

__all__ = ["clauses", "contracts", "issuer", "tickets", "trail"]
