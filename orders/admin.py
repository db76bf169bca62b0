"""Products and orders in the back office: staff open products to contracts; orders are only read."""

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.access.actors import staff_actor
from accounts.admin.base import MOST_COUNTED, KeptAdmin, ReadOnlyAdmin, account_ids, change, changelist, ids_of
from accounts.admin.decisions import STALE
from common.money import format_amount
from common.normal_forms import normalise_code, normalise_line
from orders.models import Order, Product
from orders.products import MOST_TOLD, effects_of, open_products

MAY_OPEN = "orders.open_product"
MOST_AT_ONCE = 50
"""Products whose effect is shown on one page."""


@admin.register(Product)
class ProductAdmin(KeptAdmin):
    list_display = ["name", "code", "supports_contracts"]
    list_filter = ["supports_contracts"]
    search_fields = ["name", "code"]
    search_help_text = _("Product code, or a part of the name")
    actions = ["open_chosen", "close_chosen"]

    def search_for(self, term: str) -> Q:
        return Q(name__icontains=normalise_line(term)) | Q(code__icontains=normalise_code(term))

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> list[str]:
        known = ["code"] if obj else []  # imports know the product by it
        return ["supports_contracts", *known]

    def has_open_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MAY_OPEN)

    @admin.action(description=_("Open to electronic contracts"), permissions=["open"])
    def open_chosen(self, request: HttpRequest, queryset: "QuerySet[Product]") -> HttpResponse | None:
        return self._ask(request, queryset, supports=True)

    @admin.action(description=_("Close to electronic contracts"), permissions=["open"])
    def close_chosen(self, request: HttpRequest, queryset: "QuerySet[Product]") -> HttpResponse | None:
        return self._ask(request, queryset, supports=False)

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"{name}/",
                self.admin_site.admin_view(partial(self.opening, supports=supports)),
                name=f"orders_product_{name}",
            )
            for name, supports in (("open", True), ("close", False))
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        product = Product.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        context = {"product": product, "may_open": self.has_open_permission(request)}
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def opening(self, request: HttpRequest, *, supports: bool) -> HttpResponse:
        """Show what opening or closing the products would do; when posted, do it."""
        if not (self.has_open_permission(request) and self.has_view_permission(request)):
            raise PermissionDenied
        products = _products(request)
        seen, stale = _standing(products), False
        if request.method == "POST":
            stale = request.POST.get("seen") != seen
            if not stale:
                return self._open(request, products, supports=supports)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Open to electronic contracts") if supports else _("Close to electronic contracts"),
            "list_url": reverse(changelist(Product)),
            "supports": supports,
            "effects": effects_of([p for p in products if p.supports_contracts != supports], now=timezone.now()),
            "already": [product for product in products if product.supports_contracts == supports],
            "seen": seen,
            "most": MOST_TOLD,
            "stale": STALE if stale else "",
        }
        return render(request, "admin/orders/product/opening.html", context, status=409 if stale else 200)

    def _ask(self, request: HttpRequest, products: "QuerySet[Product]", *, supports: bool) -> HttpResponse | None:
        ids = list(products.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        if len(ids) > MOST_AT_ONCE:
            messages.error(request, _("Choose at most %(most)d products at once.") % {"most": MOST_AT_ONCE})
            return None
        address = reverse("admin:orders_product_open" if supports else "admin:orders_product_close")
        return redirect(f"{address}?ids={','.join(map(str, ids))}")

    def _open(self, request: HttpRequest, products: Sequence[Product], *, supports: bool) -> HttpResponse:
        by = staff_actor(cast("AbstractUser", request.user), MAY_OPEN)
        count = len(open_products(products=products, supports=supports, by=by))
        if supports:
            said = ngettext("%(count)d product was opened.", "%(count)d products were opened.", count)
        else:
            said = ngettext("%(count)d product was closed.", "%(count)d products were closed.", count)
        messages.success(request, said % {"count": count})
        return redirect(changelist(Product)) if len(products) > 1 else redirect(change(Product), products[0].pk)


def _products(request: HttpRequest) -> list[Product]:
    """The products that the page is about, by number in its address. Http404 unless all are there."""
    given = request.GET.get("ids", "").split(",")
    if len(given) > MOST_AT_ONCE or not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in given):
        raise Http404
    ids = set(map(int, given))
    found = list(Product.objects.filter(pk__in=ids))
    if len(found) != len(ids):
        raise Http404
    return found


def _standing(products: Sequence[Product]) -> str:
    """What the decision rests on. How many orders there are goes on changing, and is no reason to refuse it."""
    return ",".join(f"{product.pk}:{int(product.supports_contracts)}" for product in products)


class StatusNow(admin.SimpleListFilter):
    """By the status that holds now, whatever the clock has done (R10). What is not paid has an index of its own."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return list(Order.Status.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        now, asked, status = timezone.now(), self.value(), Order.Status
        if asked not in status.values:
            return None
        shown = Q(status=asked)
        if asked == status.UNPAID:
            shown &= Q(payment_deadline__gt=now)
        elif asked == status.CANCELLED:
            lapsed = Order.objects.past_deadline(now).values_list("pk", flat=True)[:MOST_COUNTED]
            shown |= Q(pk__in=list(lapsed))  # few: the clock cancels them soon
        return queryset.filter(shown)


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ["number", "account_number", "product", "status_now", "amount", "ordered_at"]
    list_select_related = ["account", "product"]
    list_filter = [StatusNow]
    sortable_by = ["ordered_at"]
    search_fields = ["number"]
    search_help_text = _("Order No. or account number, whole; or a part of the account's name")
    fieldsets = [
        (None, {"fields": ["number", "account", "product", "kind", "configuration", "region", "quantity"]}),
        (_("Amounts"), {"fields": ["listed", "amount", "status_now"]}),
        (
            _("Times"),
            {
                "fields": [
                    *("ordered_at", "payment_deadline", "paid_at", "cancelled_at", "refunded_at"),
                    *("service_start", "service_end"),
                ]
            },
        ),
    ]

    class Media:
        css = {"all": ["css/office-orders.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        orders: Any = super().get_queryset(request)
        return orders.with_status_at(timezone.now())

    def search_for(self, term: str) -> Q:
        """An order, or else the orders of an account: each by an index of its own, and never by both at once."""
        order = ids_of(Order.objects.numbered(term))
        return Q(pk__in=order) if order else Q(account__in=account_ids(term))

    @admin.display(description=_("account"))
    def account_number(self, order: Order) -> str:
        return order.account.number

    @admin.display(description=_("status"))
    def status_now(self, order: Any) -> str:
        return str(Order.Status(order.status_at).label)

    @admin.display(description=_("amount"))
    def amount(self, order: Order) -> str:
        return format_amount(order.payable_amount, order.currency)

    @admin.display(description=_("list amount"))
    def listed(self, order: Order) -> str:
        return format_amount(order.list_amount, order.currency)
