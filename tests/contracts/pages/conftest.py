"""People at the pages: a signed-in owner, a viewer, a stranger, and contracts of the owner's account."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from accounts.access.actors import actor_of
from accounts.models import Membership
from contracts import services
from contracts.models import Contract
from tests import factories


def signed_in(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@pytest.fixture(autouse=True)
def _addresses_published(settings) -> None:
    """Without the setting that page is a 404."""
    settings.WEBHOOK_SENDING_ADDRESSES = ["203.0.113.0/28", "2001:db8::/64"]


@pytest.fixture
def visit(membership) -> Client:
    """The browser of the account's owner."""
    return signed_in(membership)


@pytest.fixture
def viewer(membership) -> Client:
    return signed_in(factories.MembershipFactory(account=membership.account, role="viewer"))


@pytest.fixture
def stranger(issuer) -> Client:
    """The owner of another account."""
    return signed_in(factories.MembershipFactory(account=factories.PartyProfileFactory().account))


@pytest.fixture
def draft(membership) -> Callable[..., Contract]:
    """Drafts a contract over new orders of the account: `draft("payment_request", orders=2)`."""

    def make(type_: str = "order", *, orders: int = 1, **kwargs: object) -> Contract:
        factory = factories.PaidOrderFactory if type_ == "order" else factories.OrderFactory
        numbers = [order.number for order in factory.create_batch(orders, account=membership.account)]
        by = actor_of(membership, "page")
        return services.apply_for_contract(type=type_, order_numbers=numbers, by=by, **kwargs)

    return make


@pytest.fixture
def official(draft, membership) -> Contract:
    return services.convert_to_official(contract=draft(), by=actor_of(membership, "page"))


@pytest.fixture
def voided(draft, membership) -> Contract:
    return services.void_draft(contract=draft(), by=actor_of(membership, "page"), reason="Wrong order")


def at(given: dict) -> dict:
    """Times may be given as ISO 8601."""
    return {name: datetime.fromisoformat(v) if name.endswith("_at") else v for name, v in given.items()}


@pytest.fixture
def paid(membership):
    def make(**kwargs):
        return factories.PaidOrderFactory(account=membership.account, **at(kwargs))

    return make


@pytest.fixture
def unpaid(membership):
    def make(**kwargs):
        return factories.OrderFactory(account=membership.account, **at(kwargs))

    return make
