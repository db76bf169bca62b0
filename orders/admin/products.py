"""Products in the back office. Staff open and close them to contracts."""

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
from accounts.admin.base import NoDeleteAdmin, change_url_name, changelist_url_name
from accounts.admin.decisions import STALE
from common.normal_forms import normalise_code, normalise_line
from orders.models import Product
from orders.products import MAX_COUNTED_ORDERS, count_effects, open_products

OPEN_PERMISSION = "orders.open_product"
MAX_PRODUCTS_AT_ONCE = 50
"""Maximum number of products on the confirmation page."""


@admin.register(Product)
class ProductAdmin(NoDeleteAdmin):
    list_display = ["name", "code", "supports_contracts"]
    list_filter = ["supports_contracts"]
    search_fields = ["name", "code"]
    search_help_text = _("Product code or part of the name")
    actions = ["open_chosen", "close_chosen"]

    def search_for(self, term: str) -> Q:
        return Q(name__icontains=normalise_line(term)) | Q(code__icontains=normalise_code(term))

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> list[str]:
        fixed = ["code"] if obj else []  # imports identify the product by its code
        return ["supports_contracts", *fixed]

    def has_open_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(OPEN_PERMISSION)

    @admin.action(description=_("Open to electronic contracts"), permissions=["open"])
    def open_chosen(self, request: HttpRequest, queryset: "QuerySet[Product]") -> HttpResponse | None:
        return self._redirect_to_confirmation(request, queryset, supports=True)

    @admin.action(description=_("Close to electronic contracts"), permissions=["open"])
    def close_chosen(self, request: HttpRequest, queryset: "QuerySet[Product]") -> HttpResponse | None:
        return self._redirect_to_confirmation(request, queryset, supports=False)

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
        """Show the effects of opening or closing the products; when posted, do it."""
        if not (self.has_open_permission(request) and self.has_view_permission(request)):
            raise PermissionDenied
        products = _get_products(request)
        seen, stale = _describe_state(products), False
        if request.method == "POST":
            stale = request.POST.get("seen") != seen
            if not stale:
                return self._open(request, products, supports=supports)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Open to electronic contracts") if supports else _("Close to electronic contracts"),
            "list_url": reverse(changelist_url_name(Product)),
            "supports": supports,
            "effects": count_effects([p for p in products if p.supports_contracts != supports], now=timezone.now()),
            "already": [product for product in products if product.supports_contracts == supports],
            "seen": seen,
            "limit": MAX_COUNTED_ORDERS,
            "stale": STALE if stale else "",
        }
        return render(request, "admin/orders/product/opening.html", context, status=409 if stale else 200)

    def _redirect_to_confirmation(
        self, request: HttpRequest, products: "QuerySet[Product]", *, supports: bool
    ) -> HttpResponse | None:
        ids = list(products.order_by("pk").values_list("pk", flat=True)[: MAX_PRODUCTS_AT_ONCE + 1])
        if len(ids) > MAX_PRODUCTS_AT_ONCE:
            messages.error(request, _("Choose at most %(most)d products at once.") % {"most": MAX_PRODUCTS_AT_ONCE})
            return None
        address = reverse("admin:orders_product_open" if supports else "admin:orders_product_close")
        return redirect(f"{address}?ids={','.join(map(str, ids))}")

    def _open(self, request: HttpRequest, products: Sequence[Product], *, supports: bool) -> HttpResponse:
        by = staff_actor(cast("AbstractUser", request.user), OPEN_PERMISSION)
        count = len(open_products(products=products, supports=supports, by=by))
        if supports:
            message = ngettext("%(count)d product was opened.", "%(count)d products were opened.", count)
        else:
            message = ngettext("%(count)d product was closed.", "%(count)d products were closed.", count)
        messages.success(request, message % {"count": count})
        return (
            redirect(changelist_url_name(Product))
            if len(products) > 1
            else redirect(change_url_name(Product), products[0].pk)
        )


def _get_products(request: HttpRequest) -> list[Product]:
    """Return the products in `?ids=`. Raises Http404 unless all of them exist."""
    parts = request.GET.get("ids", "").split(",")
    if len(parts) > MAX_PRODUCTS_AT_ONCE or not all(_is_id(part) for part in parts):
        raise Http404
    ids = set(map(int, parts))
    products = list(Product.objects.filter(pk__in=ids))
    if len(products) != len(ids):
        raise Http404
    return products


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _describe_state(products: Sequence[Product]) -> str:
    """Return the state that the decision depends on, without the numbers of orders, which change all the time."""
    return ",".join(f"{product.pk}:{int(product.supports_contracts)}" for product in products)
