"""The demo's first contracts, made through the services: an official one, a draft and a voided one.

The test account has the same three, and its voided one was official, so that it has a void certificate.
"""

from dataclasses import replace

from django.contrib.auth.models import User

from accounts.access.actors import actor_of, staff_actor
from accounts.models import Account, Membership
from contracts import services
from contracts.models import Contract
from contracts.sealing import SealUnavailable, check_seal
from contracts.sealing.of_test_accounts import usable_seal_of_test_accounts
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
    numbers = _find_orders(owner.account)
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


def make_test_contracts(owner: Membership) -> None:
    """Make those of the test account, unless it has contracts or there is no seal for test accounts."""
    if Contract.objects.of(owner.account).exists():
        return
    try:
        usable_seal_of_test_accounts()
    except SealUnavailable:
        return
    numbers, actor = _find_orders(owner.account), actor_of(owner, "command")
    services.apply_for_contract(type=ORDER.value, order_numbers=numbers[:2], by=actor)
    kept, voided = (
        services.apply_for_contract(type=ORDER.value, order_numbers=[number], language=Contract.Language.BOTH, by=actor)
        for number in numbers[2:4]
    )
    services.convert_to_official(contract=kept, by=actor)
    services.convert_to_official(contract=voided, by=actor)
    ticket = services.request_void(contract=voided, reason="Trying out how a contract is voided.", by=actor)
    first, second = (User.objects.get(username=name) for name in ("finance", "finance2"))
    by = replace(staff_actor(second, "contracts.decide_voidticket"), proposed_by=first.pk)  # FOUR_EYES may be on
    services.approve_void(ticket=ticket, by=by)


def _find_orders(account: Account) -> list[str]:
    """Return the numbers of the account's oldest eligible orders, at most six."""
    orders = Order.objects.of(account).filter(
        status=Order.Status.PAID, currency="CNY", product__supports_contracts=True
    )
    return list(orders.order_by("paid_at").values_list("number", flat=True)[:6])
