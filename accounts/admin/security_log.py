"""The security log in the back office: read-only, and only for superusers."""

from ipaddress import ip_address
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ReadOnlyAdmin, get_ids
from accounts.models import SecurityEvent


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "user", "about", "address", "detail"]
    list_display_links = None
    list_filter = ["kind"]
    list_select_related = ["user", "about"]
    sortable_by = ()
    search_fields = ["address"]
    search_help_text = _("Complete user name or IP address")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def search_for(self, term: str) -> Q:
        users = get_ids(get_user_model().objects.filter(username=term))
        if users:
            return Q(user__in=users) | Q(about__in=users)
        try:
            return Q(address=str(ip_address(term)))
        except ValueError:
            return Q(pk__in=[])
