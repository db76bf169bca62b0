"""Saved filters beside the lists of the back office: each staff member's own, saved and deleted by POST."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import admin, messages
from django.contrib.admin.views.main import ORDER_VAR, SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.saved_filters import delete_filter, get_saved_filters, save_filter
from common.errors import Refused

MAX_QUERY_CHARS = 4_000
"""Query strings are read up to here."""
MAX_QUERY_FIELDS = 50


def saved_filters_view(request: HttpRequest, site: admin.AdminSite) -> HttpResponse:
    """Save the posted filter of a list under a name, or delete one. Leads back to the list."""
    model_admin = _find_list(site, request.POST.get("list", ""))
    if request.method != "POST" or model_admin is None or not model_admin.has_view_permission(request):
        raise PermissionDenied
    user_id, label = _get_user_id(request), model_admin.opts.label_lower
    query = clean_query(model_admin, request, request.POST.get("query", ""))
    try:
        if "delete" in request.POST:
            delete_filter(user_id=user_id, list_label=label, pk=_parse_id(request.POST["delete"]))
            messages.success(request, _("The saved filter was deleted."))
        else:
            saved = save_filter(user_id=user_id, list_label=label, name=request.POST.get("name", ""), query=query)
            messages.success(request, _("The filter was saved as “%(name)s”.") % {"name": saved.name})
    except Refused as refused:
        messages.error(request, refused.detail)
    opts = model_admin.opts
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    return redirect(f"{address}?{query}" if query else address)


def clean_query(model_admin: Any, request: HttpRequest, query: str) -> str:
    """Return the query string with only the list's own filters, search and order; empty if nothing is left.

    It is written anew from names and values, so that it stays a query string of this list whatever was posted.
    """
    try:
        given = dict(parse_qsl(query[:MAX_QUERY_CHARS], max_num_fields=MAX_QUERY_FIELDS))
    except ValueError:
        return ""
    known = {SEARCH_VAR, ORDER_VAR, *model_admin.get_filter_parameters(request)}
    return urlencode(sorted((name, value) for name, value in given.items() if name in known))


def saved_filters_context(model_admin: Any, request: HttpRequest) -> dict[str, Any]:
    """Return the context of a list's panel: the user's saved filters, and the current query string to save."""
    label = model_admin.opts.label_lower
    current = clean_query(model_admin, request, request.META.get("QUERY_STRING", ""))
    saved = list(get_saved_filters(_get_user_id(request), label))
    return {
        "list": label,
        "query": current,
        "saved": [(one, one.query == current) for one in saved],
        "is_saved": any(one.query == current for one in saved),
    }


def _find_list(site: admin.AdminSite, label: str) -> Any:
    """Return the model's admin; None if there is no such list."""
    lists = (one for model, one in site._registry.items() if model._meta.label_lower == label)
    return next((one for one in lists if hasattr(one, "get_filter_parameters")), None)


def _get_user_id(request: HttpRequest) -> int:
    return request.user.pk or 0  # admin_view admits only signed-in staff


def _parse_id(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
