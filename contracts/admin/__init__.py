"""Back office pages of contracts, void tickets, batches, documents, the audit trail, clauses and the issuer."""

from contracts.admin import batches, clauses, contracts, customer_sections, issuer, seal_uses, tickets, trail

__all__ = ["batches", "clauses", "contracts", "customer_sections", "issuer", "seal_uses", "tickets", "trail"]
