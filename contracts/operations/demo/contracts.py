"""The demo's first contracts, made through the services: an official one, a draft and a voided one."""

from accounts.access.actors import actor_of
from accounts.models import Membership
from contracts import services
from contracts.models import Contract
from contracts.sealing import SealUnavailable, check_seal
from contracts.types import ORDER
from orders.models import Order


def make_first_contracts(owner: Membership) -> None:
    """Make them of the oldest eligible orders, unless the account has contracts or no seal can be used."""
    if Contract.objects.of(owner.account).exists():
        return
    try:
        check_seal()
    except SealUnavailable:
        return
    orders = Order.objects.of(owner.account).filter(
        status=Order.Status.PAID, currency="CNY", product__supports_contracts=True
    )
    numbers = list(orders.order_by("paid_at").values_list("number", flat=True)[:6])
    actor = actor_of(owner, "command")
    official = services.apply_for_contract(
        type=ORDER.value, order_numbers=numbers[:3], language=Contract.Language.BOTH, by=actor
    )
    services.convert_to_official(contract=official, by=actor)
    services.apply_for_contract(
        type=ORDER.value, order_numbers=numbers[3:5], remarks="Archive copy, to be checked", by=actor
    )
    voided = services.apply_for_contract(
        type=ORDER.value, order_numbers=numbers[5:6], language=Contract.Language.CHINESE, by=actor
    )
    services.void_draft(contract=voided, by=actor)
