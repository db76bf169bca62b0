"""From what somebody does to the email that tells the customer."""

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.urls import reverse

from accounts.access.actors import Actor, actor_of
from accounts.certification.requests import approve_certification, reject_certification, request_certification
from common.errors import Refused
from contracts import services
from emails.models import Notice
from tests import factories
from tests.emails.mail import acting, finance, tasks_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("issuer")]
CODE = "91110000600037341L"


@pytest.fixture(autouse=True)
def _tasks_at_once(monkeypatch):
    tasks_at_once(monkeypatch)


@pytest.fixture
def member():
    return acting("li@customer.example", account=factories.PartyProfileFactory().account)


@pytest.fixture
def decider() -> Actor:
    return finance("contracts.decide_voidticket")


@pytest.fixture
def ticket(member, client):
    """Opened by the customer, on the page."""
    contract = factories.official(actor_of(member, "page"))
    client.force_login(member.user)
    client.post(reverse("contract-request-void", args=[contract.number]), {"reason": "Wrong <orders>"})
    return contract.void_tickets.get()


def asked(member):
    """The request for certification of a company."""
    given = {"kind": "enterprise", "name": "蓝河贸易有限公司", "credit_code": CODE}
    return request_certification(**given, licence=ContentFile(b"%PDF-1.7\n%%EOF"), by=actor_of(member, "page"))


def told():
    """The one email that came last. Every row is sent."""
    assert set(Notice.objects.values_list("state", flat=True)) == {"sent"}
    assert len(mail.outbox) == Notice.objects.count()
    email = mail.outbox[-1]
    assert email.to == ["li@customer.example"]
    return email


@pytest.mark.rule("R5")
def test_a_void_request_on_the_page_is_confirmed_by_email(ticket):
    email = told()

    assert f"Contract {ticket.contract.number}: request to void received" in email.subject
    assert "Reason: Wrong <orders>" in email.body
    assert "Wrong &lt;orders&gt;" in email.alternatives[0].content
    assert reverse("contract-detail", args=[ticket.contract.number]) in email.body


@pytest.mark.rule("R5")
def test_the_approval_is_told_with_its_note(ticket, decider):
    services.approve_void(ticket=ticket, by=decider, note="Agreed by phone")

    email = told()
    assert len(mail.outbox) == 2
    assert f"Contract {ticket.contract.number}: voided" in email.subject
    assert "Note: Agreed by phone" in email.body


@pytest.mark.rule("R5")
def test_the_rejection_is_told_with_its_note(ticket, decider):
    services.reject_void(ticket=ticket, by=decider, note="The orders are right")

    email = told()
    assert len(mail.outbox) == 2
    assert "request to void rejected" in email.subject
    assert "Note: The orders are right" in email.body


@pytest.mark.rule("R11")
def test_certification_approved_is_told_with_the_name(member):
    approve_certification(request=asked(member), by=finance("accounts.decide_certificationrequest"))

    email = told()
    assert len(mail.outbox) == 1
    assert f"Account {member.account.number}: certification approved" in email.subject
    assert "under the name 蓝河贸易有限公司." in email.body


@pytest.mark.rule("R11")
def test_certification_rejected_is_told_with_its_note(member):
    decider = finance("accounts.decide_certificationrequest")
    reject_certification(request=asked(member), note="The scan cannot be read.", by=decider)

    email = told()
    assert len(mail.outbox) == 1
    assert f"Account {member.account.number}: certification rejected" in email.subject
    assert "Note: The scan cannot be read." in email.body


def test_a_decision_that_is_refused_tells_nobody(ticket, decider):
    services.approve_void(ticket=ticket, by=decider)

    with pytest.raises(Refused):
        services.reject_void(ticket=ticket, by=decider, note="Too late")

    assert len(mail.outbox) == Notice.objects.count() == 2
