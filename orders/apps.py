from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.integrator_scopes import register_integrator_scope
from common.errors import register_codes
from webhooks.event_types import register_event_types

CODES = {
    "order_not_found": 400,
    "order_wrong_status": 409,
    "payment_deadline_passed": 409,
    "product_not_supported": 409,
    "contracted_elsewhere": 409,
}


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Products and orders")

    def ready(self) -> None:
        from orders import exporting  # noqa: F401, PLC0415 - it registers the exporter, and imports models
        from orders.webhooks import EventType  # noqa: PLC0415 - as above

        register_codes(CODES)
        register_event_types(EventType, scope="orders")
        register_integrator_scope("orders", "orders.integrate")
