"""The ledger: remittances are booked, and corrected by counter-entries."""

from django.contrib import admin

from billing.admin.base import ReadOnlyAdmin
from billing.models import LedgerEntry


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = ["account", "amount", "bank_reference", "booked_at", "note"]
    list_select_related = ["account"]
    search_fields = ["account__number", "bank_reference"]
    ordering = ["-booked_at", "-pk"]
