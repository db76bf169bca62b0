"""Products and orders in the back office."""

from orders.admin import customer_sections, orders, products

__all__ = ["customer_sections", "orders", "products"]
