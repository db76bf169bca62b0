"""Products and orders in Django's admin: staff open products to contracts; orders are only read."""

from django.contrib import admin
from django.http import HttpRequest

from billing.admin.base import KeptAdmin, ReadOnlyAdmin
from orders.models import Order, Product


@admin.register(Product)
class ProductAdmin(KeptAdmin):
    list_display = ["name", "code", "supports_contracts"]
    list_editable = ["supports_contracts"]
    list_filter = ["supports_contracts"]
    search_fields = ["name", "code"]

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> list[str]:
        return ["code"] if obj else []  # imports know the product by it


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ["number", "account", "product", "status", "payable_amount", "currency", "ordered_at", "paid_at"]
    list_select_related = ["account", "product"]
    list_filter = ["status", "kind"]
    search_fields = ["=number", "=account__number"]
