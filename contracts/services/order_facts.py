"""React to changed orders of contracts whose content and status stay as they are."""

from collections.abc import Collection
from datetime import datetime

from common.change_times import ChangeTime
from contracts.models import Contract, ContractOrder
from contracts.notifications.webhooks import publish_flagged
from contracts.types import EXPIRING
from orders.models import Order


def mark_invoiced_contracts_changed(order_ids: Collection[int]) -> None:
    """Set `updated_at` of the contracts over these locked orders, in the caller's transaction.

    The contracts are locked by primary key like in all services.
    """
    over = ContractOrder.objects.filter(order__in=order_ids).order_by().values("contract")
    contracts = Contract.objects.filter(pk__in=over).select_for_update(no_key=True).order_by("pk")
    if ids := list(contracts.values_list("pk", flat=True)):
        Contract.objects.filter(pk__in=ids).update(updated_at=ChangeTime())


def publish_flagged_contracts(order_ids: Collection[int], now: datetime) -> None:
    """Publish the official contracts that hold orders which have just been refunded or cancelled after payment (R24).

    The contracts stay as they are. The orders are locked, in the caller's transaction.
    """
    lines = ContractOrder.objects.filter(
        order__in=order_ids, order__paid_at__isnull=False, released_at=None, contract__status=Contract.Status.OFFICIAL
    ).exclude(contract__type__in=EXPIRING)
    flagged: dict[Contract, list[Order]] = {}
    for line in lines.select_related("contract__account", "order").order_by("contract", "pk"):
        flagged.setdefault(line.contract, []).append(line.order)
    publish_flagged(flagged, at=now)
