"""What can be got can be asked for by HEAD, as load balancers and checkers of links do: alike, and with no body."""

import pytest

from accounts.access.actors import actor_of
from tests.factories import OrderFactory, draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/verify/root.pem"])
def test_by_anybody(client, address):
    assert_alike(client, address)


@pytest.mark.parametrize(
    "address",
    ["/contracts/", "/orders/", "/orders/{order}/", "/account/", "/help/", "/contracts/{contract}/document/"],
)
def test_by_a_member(client, membership, address):
    contract, order = draft(actor_of(membership, "page")), OrderFactory(account=membership.account)
    client.force_login(membership.user)
    assert_alike(client, address.format(contract=contract.number, order=order.number))
    assert contract.events.count() == 1  # nothing more has happened to it


def assert_alike(client, address):
    asked, got = client.head(address), client.get(address)
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked["Content-Type"] == got["Content-Type"]
    assert asked["Content-Length"] == got["Content-Length"] == str(len(got.content))


def test_what_only_posting_does_is_not_to_be_asked_for(client, membership):
    client.force_login(membership.user)
    assert client.head("/account/choose/").status_code == 405
