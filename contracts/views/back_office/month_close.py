"""The month-close report in the back office."""

from datetime import date, timedelta
from typing import cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import TestAccounts
from contracts.bulk.month_close import MONTH_CLOSE, VIEW_ORDERS, get_report
from contracts.bulk.month_figures import Month, Movement, read_month
from exports.asking import office_export_response

MAX_CUSTOMERS_SHOWN = 100
"""The workbook has all of them."""


@require_safe
def month_close(request: HttpRequest) -> HttpResponseBase:
    """Show the figures of `?month=2026-10`, by default of last month, or export them with `&format=`.

    `&test=` is one of TestAccounts.
    """
    user = cast("User", request.user)  # admin_view admits only signed-in staff
    if not user.has_perm(MONTH_CLOSE.permission):
        raise PermissionDenied
    text = request.GET.get("month", "").strip()
    first = read_month(text)
    test = request.GET.get("test", "")
    test = test if test in TestAccounts.values else ""
    if first and "format" in request.GET:
        parameters = {"month": f"{first:%Y-%m}", **({"test": test} if test else {})}
        return office_export_response(MONTH_CLOSE, user, parameters, request.GET["format"])
    is_wrong = bool(text) and first is None
    return _page(request, user, first or _last_month(), test=test, is_wrong=is_wrong)


def _page(request: HttpRequest, user: User, first: date, *, test: str, is_wrong: bool) -> HttpResponse:
    now, with_orders = timezone.now(), user.has_perm(VIEW_ORDERS)
    month = Month(first, now, test=test)
    report = get_report(month, with_orders=with_orders, max_customers=MAX_CUSTOMERS_SHOWN)
    this = timezone.localdate().replace(day=1)
    context = {
        **admin.site.each_context(request),
        "title": _("Month close"),
        "month": first,
        "days": month.days,
        "test": test,
        "test_choices": [("", _("Left out")), *TestAccounts.choices],
        "is_wrong": is_wrong,
        "previous": (first - timedelta(days=1)).replace(day=1),
        "next": following if (following := (first + timedelta(days=32)).replace(day=1)) <= this else None,
        "is_open": first >= this,
        "report": report,
        "movements": Movement.labels,
        "order_movements": [_("Paid"), _("Refunded")],
        "labels_of_type": [_("Contract type")],
        "labels_of_product": [_("Product code"), _("Product"), _("Contract type")],
        "labels_of_customer": [_("Account number"), _("Customer"), _("Contract type")],
        "labels_of_orders": [_("Product code"), _("Product")],
    }
    return render(request, "admin/contracts/month_close.html", context, status=400 if is_wrong else 200)


def _last_month() -> date:
    return (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)
