"""Addresses that contracts are sent to are erased: with their person, alone, and with the account's last member."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import Account
from contracts.models import Delivery
from contracts.operations.privacy.erasing import erase_person
from contracts.operations.privacy.exporting import export_person
from contracts.services import convert_to_official, void_draft
from emails.models import Notice
from emails.sending import send_due_emails
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]
CC = "wei@customer.example"


def told(*args: str) -> str:
    out = StringIO()
    call_command("erase_person", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def owner(membership):
    membership.account.cc_emails = [CC, "cfo@customer.example"]
    membership.account.save()
    actor = actor_of(membership, "page")
    convert_to_official(contract=factories.draft(actor), by=actor, deliver=True)
    return membership


def places(address: str) -> tuple[int, int, bool]:
    return (
        Delivery.objects.filter(address__iexact=address).count(),
        Notice.objects.filter(address__iexact=address).count(),
        any(address.casefold() in map(str.casefold, account.cc_emails) for account in Account.objects.all()),
    )


def test_an_address_of_nobody_here_is_erased_alone(owner):
    assert places(CC) == (1, 1, True)
    assert told("--email", "WEI@customer.example") == (
        "The address is erased: 1 cc addresses, 1 deliveries, 1 emails to address.\n"
    )
    assert places(CC) == (0, 0, False)
    assert places("cfo@customer.example") == (1, 1, True)
    assert told("--email", CC) == "The address is erased: nothing had it.\n"
    send_due_emails()
    assert Delivery.objects.get(address="").state == "waiting"


def test_a_persons_address_is_erased_with_the_person(owner):
    member = factories.MembershipFactory(account=owner.account, role="viewer", user__email=CC.upper())
    assert [row["address"] for row in export_person(member.user)["deliveries"]] == [CC]
    erase_person(user=member.user, now=timezone.now())
    assert places(CC) == (0, 0, False)


def test_all_are_erased_with_the_last_member(owner):
    contract = factories.draft(actor_of(owner, "page"))
    send_due_emails()
    void_draft(contract=contract, by=actor_of(owner, "page"), reason="")
    erase_person(user=owner.user, now=timezone.now())
    account = Account.objects.get(pk=owner.account.pk)
    assert (account.cc_emails, account.deliver_by_email) == ([], False)
    assert set(Delivery.objects.values_list("address", "state")) == {("", "sent")}
    assert not Notice.objects.filter(user=None).exists()
