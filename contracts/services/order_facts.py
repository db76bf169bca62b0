"""React to changed facts of orders that contracts show beside their frozen content."""

from collections.abc import Collection

from common.change_times import ChangeTime
from contracts.models import Contract, ContractOrder


def mark_invoiced_contracts_changed(order_ids: Collection[int]) -> None:
    """Set `updated_at` of the contracts over these locked orders, in the caller's transaction.

    The contracts are locked by primary key like in all services.
    """
    over = ContractOrder.objects.filter(order__in=order_ids).order_by().values("contract")
    contracts = Contract.objects.filter(pk__in=over).select_for_update(no_key=True).order_by("pk")
    if ids := list(contracts.values_list("pk", flat=True)):
        Contract.objects.filter(pk__in=ids).update(updated_at=ChangeTime())
