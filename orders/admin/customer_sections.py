"""Orders on a customer's page."""

from datetime import datetime
from typing import Any

from accounts.admin.customer import MAX_SECTION_ROWS, CustomerSection, register_section, sum_by_status
from accounts.models import Account
from orders.models import Order


def _load_orders(account: Account, now: datetime) -> dict[str, Any]:
    counted = Order.objects.of(account).with_status_at(now)
    count, sums = sum_by_status(counted, status="status_at", amount="payable_amount", labels=Order.Status.choices)
    latest = Order.objects.of(account).select_related("product")[:MAX_SECTION_ROWS]
    rows = [(order, Order.Status(order.status_on(now))) for order in latest]
    return {"rows": rows, "count": count, "sums": sums}


register_section(
    CustomerSection(
        model=Order,
        title=Order._meta.verbose_name_plural or "",
        template="admin/orders/_customer_orders.html",
        load=_load_orders,
        position=30,
        leaves_out_tests=True,
    )
)
