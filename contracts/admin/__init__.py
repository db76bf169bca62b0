"""Contracts, their files, tickets and trail in Django's admin: for reading. Every change is a service's."""

from django.contrib import admin

from billing.admin.base import ReadOnlyAdmin
from contracts.models import AuditEvent, Contract, ContractDocument, VoidTicket


@admin.register(Contract)
class ContractAdmin(ReadOnlyAdmin):
    list_display = ["number", "account", "type", "status", "total_amount", "currency", "order_count", "applied_at"]
    list_select_related = ["account"]
    list_filter = ["type", "status"]
    search_fields = ["=number", "=account__number"]


@admin.register(ContractDocument)
class ContractDocumentAdmin(ReadOnlyAdmin):
    list_display = ["contract", "kind", "size", "sha256", "created_at"]
    list_select_related = ["contract"]
    list_filter = ["kind"]
    search_fields = ["=contract__number", "=sha256"]


@admin.register(VoidTicket)
class VoidTicketAdmin(ReadOnlyAdmin):
    list_display = ["contract", "status", "reason", "opened_by", "opened_at", "decided_by", "decided_at"]
    list_select_related = ["contract", "opened_by", "decided_by"]
    list_filter = ["status"]
    search_fields = ["=contract__number"]


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ["contract", "kind", "at", "source", "actor_id"]
    list_select_related = ["contract"]
    list_filter = ["kind", "source"]
    search_fields = ["=contract__number"]
    ordering = ["-pk"]
