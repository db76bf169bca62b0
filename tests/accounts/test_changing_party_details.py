"""Party A's details, changed on the account's page and kept for the next contract (R12)."""

import pytest
from django.test import Client

from accounts.access.actors import actor_of
from accounts.models import PartyProfile
from accounts.party_details import store_party_details
from common.errors import Refused
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R12")]
PAGE = "/account/details/"
DETAILS = {"address": "1 Zhongguancun", "contact": "Li Lei", "phone": "010-1", "email": "li@customer.example"}
OPTIONAL = dict.fromkeys(("bank", "bank_account", "tax_number", "legal_representative", "signing_place"), "")


def signed_in(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def test_they_are_shown_changed_and_kept(membership):
    visit = signed_in(membership)
    assert membership.account.profile.address in visit.get(PAGE).text

    text = visit.post(PAGE, DETAILS | {"bank": " ICBC "}, follow=True).text

    assert "Details saved." in text
    assert PartyProfile.objects.get(account=membership.account).details() == DETAILS | OPTIONAL | {"bank": "ICBC"}


def test_they_can_be_given_before_the_first_application():
    membership = factories.MembershipFactory()

    signed_in(membership).post(PAGE, DETAILS)

    assert PartyProfile.objects.get(account=membership.account).details() == DETAILS | OPTIONAL


def test_what_is_wrong_stands_at_its_field_and_nothing_is_kept(membership):
    answer = signed_in(membership).post(PAGE, DETAILS | {"email": "no-address", "contact": " "})

    assert answer.status_code == 400
    for field in ("email", "contact"):
        assert f'id="id_{field}_error"' in answer.text
    assert 'value="1 Zhongguancun"' in answer.text
    assert PartyProfile.objects.get(account=membership.account).address == "北京市海淀区中关村大街 1 号"


@pytest.mark.rule("R11")
def test_the_name_is_no_field_of_it(membership):
    visit = signed_in(membership)

    visit.post(PAGE, DETAILS | {"name": "Somebody Else Ltd", "certified_name": "Somebody Else Ltd"})

    membership.account.refresh_from_db()
    assert "Somebody Else" not in visit.get(PAGE).text
    assert membership.account.certified_name.startswith("北京云杉")


@pytest.mark.rule("R26")
def test_a_viewer_reads_them_and_may_not_change_them(membership):
    viewer = signed_in(factories.MembershipFactory(account=membership.account, role="viewer"))

    text = viewer.get(PAGE).text

    assert membership.account.profile.address in text
    assert '<input type="text"' not in text
    assert viewer.post(PAGE, DETAILS).status_code == 403
    assert PartyProfile.objects.get(account=membership.account).contact == "李雷"


def test_the_service_names_every_wrong_field(membership):
    with pytest.raises(Refused) as caught:
        store_party_details(details={"email": "no-address", "phone": ""}, by=actor_of(membership, "api"))

    assert [fault.pointer for fault in caught.value.faults] == ["/party_a/phone", "/party_a/email"]
