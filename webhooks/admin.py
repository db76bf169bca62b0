"""Webhook endpoints and deliveries in the back office, read-only. Secrets are never shown."""

import re
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import badge, find_account_ids, get_ids
from accounts.admin.customer import MAX_SECTION_ROWS, CustomerSection, count_rows, register_section
from accounts.admin.day_range import day_range
from accounts.admin.decisions import RecordAdmin
from accounts.models import Account
from webhooks.endpoints import get_deliveries, get_endpoints
from webhooks.event_types import EVENT_TYPES, event_type_choices
from webhooks.health import find_health
from webhooks.models import WebhookDelivery, WebhookEndpoint

MAX_RECENT_DELIVERIES = 10
SEARCH_HELP = _("Complete account number, or part of a current or former name of the account")


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(RecordAdmin):
    record_template = "admin/webhooks/webhookendpoint/record.html"
    list_display = ["url", "owner", "enabled_now", "created_at"]
    list_select_related = ["account"]
    sortable_by = ()
    ordering = ["-pk"]
    search_fields = ["account__number"]
    search_help_text = SEARCH_HELP

    class Media:
        css = {"all": ["css/webhooks.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(deleted_at=None)

    def search_for(self, term: str) -> Q:
        return Q(account__in=find_account_ids(term))

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {
            "endpoint": row,
            "health": find_health([row], now=timezone.now())[row.pk],
            "events": [EVENT_TYPES.get(known, known) for known in row.event_types],
            "deliveries": get_deliveries(row).defer("body")[:MAX_RECENT_DELIVERIES],
        }

    @admin.display(description=_("account"))
    def owner(self, row: WebhookEndpoint) -> str:
        return str(row.account or _("All accounts"))

    @admin.display(description=_("status"))
    def enabled_now(self, row: WebhookEndpoint) -> str:
        if not row.enabled:
            return badge("webhook-off", _("Disabled"))
        return badge("webhook-bad", _("Failing")) if row.failing_since else badge("webhook-good", _("Enabled"))


class EventTypeFilter(admin.SimpleListFilter):
    title = _("event type")
    parameter_name = "type"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [*event_type_choices(), (WebhookDelivery.TEST, WebhookDelivery.TEST)]

    def queryset(self, _request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(type=self.value()) if self.value() else queryset


class EndpointFilter(admin.SimpleListFilter):
    """Deliveries to one endpoint, by the link on its record. Shown only then."""

    title = _("webhook endpoint")
    parameter_name = "endpoint"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        given = self.value() or ""
        endpoint = WebhookEndpoint.objects.filter(pk=given).first() if re.fullmatch("[0-9]{1,18}", given) else None
        return [(given, endpoint.url)] if endpoint else []

    def queryset(self, _request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(endpoint=self.value()) if self.value() else queryset


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(RecordAdmin):
    record_template = "admin/webhooks/webhookdelivery/record.html"
    list_display = ["created_at", "type", "subject", "account", "endpoint", "state_now", "attempts"]
    list_filter = ["state", EventTypeFilter, EndpointFilter, day_range("created_at", _("creation time"))]
    list_select_related = ["endpoint__account"]
    sortable_by = ()
    ordering = ["-pk"]
    search_fields = ["endpoint__account__number"]
    search_help_text = _("Complete number of a record or account, or part of a name of the account")

    class Media:
        css = {"all": ["css/webhooks.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(endpoint__deleted_at=None).defer("body")

    def search_for(self, term: str) -> Q:
        of_account = Q(endpoint__in=get_ids(WebhookEndpoint.objects.filter(account__in=find_account_ids(term))))
        return Q(subject=term.strip()) | of_account

    def title_of(self, row: Any) -> str:
        return str(_("Webhook delivery %(id)d") % {"id": row.pk})

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"tries": row.recent_tries, "label": EVENT_TYPES.get(row.type, row.type)}

    @admin.display(description=_("account"))
    def account(self, row: WebhookDelivery) -> str:
        return str(row.endpoint.account or _("All accounts"))

    @admin.display(description=_("state"))
    def state_now(self, row: WebhookDelivery) -> str:
        return badge(f"delivery-{row.state}", row.get_state_display())


def _load_endpoints(account: Account, now: datetime) -> dict[str, Any]:
    endpoints = get_endpoints(account)
    return {"rows": endpoints.order_by("-pk")[:MAX_SECTION_ROWS], "count": count_rows(endpoints)}


register_section(
    CustomerSection(
        model=WebhookEndpoint,
        title=_("Webhook endpoints"),
        template="admin/webhooks/_customer_endpoints.html",
        load=_load_endpoints,
        position=50,
        aside=True,
    )
)
