"""Settings of delivery by email: CC addresses are valid, few and without repeats; owners change them."""

import pytest

from accounts.cc_emails import get_delivery_addresses
from accounts.models import Account, SecurityEvent
from tests.conftest import Api
from tests.contracts.pages.conftest import signed_in, viewer, visit
from tests.factories import MembershipFactory

__all__ = ["viewer", "visit"]
pytestmark = pytest.mark.django_db
PAGE = "/account/settings/"


def stored(membership) -> tuple[bool, list[str]]:
    account = Account.objects.get(pk=membership.account.pk)
    return account.deliver_by_email, account.cc_emails


def test_an_owner_sets_them_on_the_page(visit, membership):
    typed = "cfo@customer.example\r\n\r\n Archive@customer.example \nCFO@customer.example"
    answer = visit.post(PAGE, {"document_language": "", "deliver_by_email": "on", "cc_emails": typed})
    assert answer.status_code == 302
    assert stored(membership) == (True, ["cfo@customer.example", "Archive@customer.example"])
    event = SecurityEvent.objects.get(kind="delivery_changed")
    assert (event.user, event.detail) == (membership.user, f"account {membership.account.number}: on, 2 CC")
    visit.post(PAGE, {"document_language": "en", "deliver_by_email": "on", "cc_emails": typed})
    assert SecurityEvent.objects.filter(kind="delivery_changed").count() == 1
    page = visit.get(PAGE).text
    assert "cfo@customer.example\nArchive@customer.example" in page
    assert f"The contact is {membership.account.profile.email}." in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("cfo@customer.example nobody", "nobody is not a valid email address."),
        ("a@b.example\nBcc:x@b.example", "Bcc:x@b.example is not a valid email address."),
        (" ".join(f"a{i}@b.example" for i in range(6)), "At most 5 addresses; these are 6."),
    ],
)
def test_wrong_ones_are_named_and_nothing_is_stored(visit, membership, typed, said):
    answer = visit.post(PAGE, {"document_language": "", "cc_emails": typed})
    assert answer.status_code == 400
    assert said in answer.text
    assert stored(membership) == (False, [])


def test_the_api_reads_and_changes_them(api, membership):
    assert (api.get("account/").json()["deliver_by_email"], api.get("account/").json()["cc_emails"]) == (False, [])
    changed = api.patch("account/", {"deliver_by_email": True, "cc_emails": ["cfo@customer.example"]})
    assert (changed.json()["deliver_by_email"], changed.json()["cc_emails"]) == (True, ["cfo@customer.example"])
    assert api.patch("account/", {"po_number_required": False}).json()["cc_emails"] == ["cfo@customer.example"]
    wrong = api.patch("account/", {"cc_emails": ["cfo@customer.example", "no"]})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "/cc_emails/1")
    assert api.patch("account/", {"cc_emails": ["a@b.example"] * 6}).status_code == 400
    assert api.patch("account/", {"cc_emails": []}).json()["cc_emails"] == []
    assert stored(membership) == (True, [])


def test_only_owners_change_them(membership, viewer):
    finance = MembershipFactory(account=membership.account, role="finance")
    for client in (viewer, signed_in(finance)):
        assert "CC addresses" in client.get(PAGE).text
        assert client.post(PAGE, {"document_language": "", "cc_emails": "a@b.example"}).status_code == 403
    assert Api(finance).patch("account/", {"cc_emails": ["a@b.example"]}).status_code == 403
    assert stored(membership) == (False, [])


def test_the_contact_comes_first_and_nobody_twice(membership):
    account = membership.account
    contact = account.profile.email
    account.cc_emails = ["cfo@customer.example", contact.upper()]
    assert get_delivery_addresses(account) == [contact, "cfo@customer.example"]
