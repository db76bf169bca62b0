"""An office at work: one row or more of everything that the back office shows, and people of every role at its door."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from accounts.access.actors import Actor
from accounts.access.security_log import record_security_event
from accounts.four_eyes import reject
from accounts.models import CertificationRequest, Issuer, Proposal, SecurityEvent
from billing.four_eyes import propose_remittance_account
from billing.models import LedgerEntry
from contracts import services
from contracts.bulk.batches import create_batch
from contracts.models import Batch, ClauseVersion, VoidTicket
from contracts.services.publishing import prepare_clauses, prepare_issuer
from emails.models import Notice
from tests import factories
from tests.billing.bookkeeping import CODE, PDF, clerk
from tests.contracts.back_office.legal import client_of, legal
from tests.webhooks.receiving import due, endpoint_of

GROUPS = ("Finance", "Legal", "Auditor", "Integrators")
STAFF = ("staff without a group", *GROUPS, "superuser")
ROLES = ("anonymous", "customer", *STAFF)
OPEN: dict[type[Model], dict[str, Any]] = {
    VoidTicket: {"status": "open"},
    CertificationRequest: {"status": "pending"},
    ClauseVersion: {"published_at": None},
    Issuer: {"published_at": None},
    LedgerEntry: {"bank_reference": "CMB-2"},
    Notice: {"state": "failed"},
    Proposal: {"status": "open"},
}
"""What of each model is still to be decided, edited or taken back."""


def is_open(row: Model) -> bool:
    """Whether anything is left to be done about it; always, where a model has no such rows."""
    return all(getattr(row, name) == value for name, value in OPEN.get(type(row), {}).items())


def someone(role: str) -> Client:
    """Signed in as somebody new of this role, one of ROLES."""
    if role == "anonymous":
        return Client()
    user = factories.UserFactory(is_staff=role != "customer", is_superuser=role == "superuser")
    if role == "customer":
        factories.MembershipFactory(user=user)
    if role in GROUPS:
        user.groups.add(Group.objects.get(name=role))
    return client_of(user)


def open_office() -> None:
    """Fill the empty database. The issuer is there, and the clock stands still."""
    owner = factories.member()
    get_user_model().objects.update(email="finance@customer.example")  # whom emails are written to
    finance = factories.staff()
    _contracts(owner, finance)
    _certifications(owner, finance)
    _money(owner, finance)
    _proposals(owner)
    _notices()
    due(endpoint_of(owner.own_account))
    create_batch(action=Batch.Action.CONVERT, numbers=[factories.draft(owner).number], by=owner)
    record_security_event(kind=SecurityEvent.Kind.SIGNED_IN, user_id=owner.user_id)
    factories.ProductFactory(supports_contracts=False)
    prepare_clauses(type="order", by=legal())
    prepare_issuer(by=legal("accounts.change_issuer"))
    record_security_event(kind=SecurityEvent.Kind.SIGNED_IN, user_id=owner.user_id)


def _contracts(owner: Actor, finance: Actor) -> None:
    """One in every status, and a ticket in every status; the open one last."""
    factories.draft(owner)
    services.void_draft(contract=factories.draft(owner), by=owner, reason="Wrong order")
    services.reject_void(ticket=_asked(owner), by=finance, note="The orders are the right ones")
    undone = _asked(owner, type="payment_request").contract
    order = undone.lines.get().order
    order.cancel(at=timezone.now())
    order.save()
    services.invalidate_due(now=timezone.now())
    assert undone.void_tickets.get().status == VoidTicket.Status.LAPSED
    factories.draft(owner, type="payment_request")
    services.approve_void(ticket=_asked(owner), by=finance, note="Agreed")
    _asked(owner)


def _asked(owner: Actor, **kwargs) -> VoidTicket:
    return services.request_void(contract=factories.official(owner, **kwargs), reason="Wrong orders", by=owner)


def _certifications(owner: Actor, finance: Actor) -> None:
    asked = {"account": owner.account, "kind": "enterprise", "credit_code": CODE, "requested_by_id": owner.user_id}
    for name, status in {"蓝河贸易有限公司": "rejected", "绿洲贸易有限公司": "pending"}.items():
        now = timezone.now()
        decided = {"decided_by_id": finance.user_id, "decided_at": now} if status != "pending" else {}
        request = CertificationRequest(name=name, status=status, requested_at=now, **asked, **decided)
        request.licence.save("licence.pdf", ContentFile(PDF))


def _money(owner: Actor, finance: Actor) -> None:
    """A remittance that was taken back, and then one that stands."""
    factories.RemittanceAccountFactory(account=owner.account)

    def book(amount: str, **fields) -> LedgerEntry:
        at = timezone.now() - timedelta(days=1)
        given = {"amount": Decimal(amount), "booked_at": at, "booked_by_id": finance.user_id, **fields}
        return LedgerEntry.objects.create(account=owner.account, **given)

    book("-500.00", bank_reference="CMB-1", note="Booked twice", reverses=book("500.00", bank_reference="CMB-1"))
    book("2000.00", bank_reference="CMB-2", received_on=timezone.localdate())


def _proposals(owner: Actor) -> None:
    """A bank account that was rejected, and then one that waits for another person."""
    by = clerk("billing.change_remittanceaccount")
    for number in ("12190000999911111111", "12190000999922222222"):
        values = {"payee": "云帆", "bank": "招商银行", "account_number": number}
        proposal = propose_remittance_account(account=owner.own_account, values=values, by=by)
        if number.endswith("1"):
            reject(proposal=proposal, note="Wrong number", by=clerk("accounts.decide_proposal"))


def _notices() -> None:
    """Of the emails that all this wrote, one was sent and one was given up."""
    sent, failed = Notice.objects.order_by("pk")[:2]
    Notice.objects.filter(pk=sent.pk).update(state=Notice.State.SENT, sent_at=timezone.now())
    Notice.objects.filter(pk=failed.pk).update(state=Notice.State.FAILED, attempts=8, error="Refused")
