"""What the clock does. Every task is safe to run twice, and at once with itself."""

from celery import shared_task
from django.utils import timezone

from contracts import selections
from contracts.services import invalidate_due
from orders.services import cancel_overdue_orders


@shared_task
def settle_due() -> dict[str, int]:
    """Cancel what was not paid in time and end the contracts that lapsed with it (R10, R20); forget old selections."""
    selections.delete_old(now=timezone.now())
    return settle_all()


def settle_all() -> dict[str, int]:
    """Batch after batch until nothing is due; returns how many orders and contracts it ended."""
    now = timezone.now()
    done = {"orders": 0, "contracts": 0}
    while count := cancel_overdue_orders(now=now):
        done["orders"] += count
    while count := invalidate_due(now=now):
        done["contracts"] += count
    return done
