"""Finance decides a void ticket: on a page that says what will happen, once, and about what it has seen (R5)."""

from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from billing.access import actor_of, staff_actor
from billing.errors import Refused
from contracts import services
from contracts.models import AuditEvent, Contract, VoidTicket
from orders.models import Order
from orders.services import move_order
from tests import factories
from tests.billing.bookkeeping import somebody
from tests.contracts.back_office.legal import client_of, holder_of, member_of, seen_on, text_of
from tests.contracts.pages.conftest import signed_in
from tests.contracts.test_concurrency import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R5")]
QUEUE = "/admin/contracts/voidticket/"


@pytest.fixture
def finance(issuer) -> Client:
    return member_of("Finance")


def open_ticket(membership, reason: str = "Wrong tax number", **fields) -> VoidTicket:
    actor = actor_of(membership, "page")
    return services.request_void(contract=factories.official(actor, **fields), reason=reason, by=actor)


def decide(client: Client, ticket: VoidTicket, decision: str, **fields):
    """Open the decision's page, and send it."""
    address = f"{QUEUE}{ticket.pk}/{decision}/"
    return client.post(address, {"seen": seen_on(client.get(address)), **fields})


def refresh(ticket: VoidTicket) -> tuple[str, str]:
    """How ticket and contract stand."""
    found = VoidTicket.objects.select_related("contract").get(pk=ticket.pk)
    return found.status, found.contract.status


@pytest.mark.rule("R7")
@pytest.mark.rule("R27")
def test_approving_changes_contract_ticket_orders_and_trail_together(finance, membership):
    ticket = open_ticket(membership, count=2)
    answer = decide(finance, ticket, "approve", note="Agreed")
    assert (answer.status_code, answer.url) == (302, f"{QUEUE}{ticket.pk}/change/")
    assert refresh(ticket) == ("approved", "voided")
    decided = VoidTicket.objects.get(pk=ticket.pk)
    assert (decided.note, decided.decided_by_id) == ("Agreed", int(finance.session["_auth_user_id"]))
    contract = decided.contract
    assert {line.released_at for line in contract.lines.all()} == {contract.voided_at}
    told = contract.events.filter(at=contract.voided_at).values_list("kind", "actor_id", "ticket_id", "source")
    of_ticket = (decided.decided_by_id, ticket.pk, "admin")
    assert sorted(told) == [("ticket_approved", *of_ticket), ("voided", *of_ticket)]
    again = services.apply_for_contract(
        type="order", order_numbers=contract.order_numbers, by=actor_of(membership, "page")
    )
    assert again.status == "draft"


def test_rejecting_leaves_the_contract_in_force(finance, membership):
    ticket = open_ticket(membership)
    answer = decide(finance, ticket, "reject", note="The service is in use.")
    assert answer.status_code == 302
    assert refresh(ticket) == ("rejected", "official")
    assert "The service is in use." in signed_in(membership).get(f"/contracts/{ticket.contract.number}/").text


@pytest.mark.parametrize("note", ["", "   \n "])
def test_rejecting_needs_a_note_approving_does_not(finance, membership, note):
    ticket = open_ticket(membership)
    answer = decide(finance, ticket, "reject", note=note)
    assert answer.status_code == 400
    assert refresh(ticket) == ("open", "official")
    assert decide(finance, ticket, "approve", note=note).status_code == 302


def test_a_note_too_long_is_given_back_to_be_shortened(finance, membership):
    ticket = open_ticket(membership)
    answer = decide(finance, ticket, "reject", note="x" * 501)
    assert answer.status_code == 400
    assert "x" * 501 in answer.text
    assert refresh(ticket) == ("open", "official")


def test_the_page_says_which_orders_are_released(finance, membership):
    ticket = open_ticket(membership, count=3)
    page = finance.get(f"{QUEUE}{ticket.pk}/approve/")
    said = text_of(page)
    assert "3 orders are released" in said
    assert "This cannot be taken back" in said
    for number in ticket.contract.order_numbers:
        assert number in said
    assert refresh(ticket) == ("open", "official")  # looking decides nothing


def test_the_ticket_is_shown_with_all_that_the_decision_rests_on(finance, membership):
    ticket = open_ticket(membership, "Wrong tax number", count=2)
    order = Order.objects.get(number=ticket.contract.order_numbers[0])
    move_order(order, Order.Status.REFUNDED, paid_at=None, at=timezone.now())
    order.save()
    contract = ticket.contract
    page = finance.get(f"{QUEUE}{ticket.pk}/change/")
    said = text_of(page)
    for fact in (contract.number, contract.party_a["name"], "Wrong tax number", *contract.order_numbers):
        assert fact in said
    assert "Refunded" in said  # the payment state of now
    assert "Paid" in said
    assert "Void requested" in said  # the timeline
    official = contract.documents.get(kind="official")
    assert official.sha256 in page.text
    picture = finance.get(f"/admin/contracts/contract/{contract.pk}/pages/official/1.png")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")


def test_the_queue_shows_the_oldest_first_with_account_contract_reason_and_age(finance, membership, clock):
    first = open_ticket(membership, "The first reason")
    clock.shift(timedelta(days=3))
    second = open_ticket(membership, "The second reason")
    clock.shift(timedelta(hours=2))
    said = text_of(finance.get(QUEUE))
    assert said.index("The first reason") < said.index("The second reason")
    for fact in (first.contract.number, second.contract.number, membership.account.number, "3 days, 2 hours"):
        assert fact in said.replace("\xa0", " ")
    decide(finance, first, "reject", note="No")
    assert "The first reason" not in text_of(finance.get(QUEUE))
    assert "The first reason" in text_of(finance.get(f"{QUEUE}?status=rejected"))
    assert "The first reason" in text_of(finance.get(f"{QUEUE}?q={first.contract.number}&status=all"))
    assert "The second reason" in text_of(finance.get(f"{QUEUE}?q={membership.account.number}"))
    assert "The second reason" not in text_of(finance.get(f"{QUEUE}?q=20999999"))


@pytest.mark.rule("R45")
@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_staff_cannot_decide_a_ticket_of_an_account_that_they_are_members_of(issuer, membership, decision):
    ticket, colleague = open_ticket(membership), somebody("Finance")
    factories.MembershipFactory(user=colleague, account=membership.account, role="viewer")
    client = client_of(colleague)
    text = client.get(f"{QUEUE}{ticket.pk}/change/").text
    assert f"You are a member of account {membership.account.number}." in text
    assert f"/{decision}/" not in text
    assert decide(client, ticket, decision, note="Ours").status_code == 403
    assert refresh(ticket) == ("open", "official")


@pytest.mark.rule("R45")
@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_nobody_decides_a_ticket_they_opened_themselves(issuer, membership, decision):
    user = membership.user
    user.is_staff = user.is_superuser = True
    user.save()
    ticket = open_ticket(membership)
    client = client_of(user)
    assert "You made this request yourself" in text_of(client.get(f"{QUEUE}{ticket.pk}/change/"))
    assert f"/{decision}/" not in client.get(f"{QUEUE}{ticket.pk}/change/").text
    answer = decide(client, ticket, decision, note="Mine")
    assert answer.status_code == 403
    assert "You made this request yourself" in text_of(answer)
    assert refresh(ticket) == ("open", "official")


@pytest.mark.parametrize("first", ["approve", "reject"])
@pytest.mark.parametrize("second", ["approve", "reject"])
def test_a_decision_on_a_ticket_that_a_colleague_has_decided_changes_nothing(finance, membership, first, second):
    ticket = open_ticket(membership)
    colleague = member_of("Finance")
    address = f"{QUEUE}{ticket.pk}/{second}/"
    seen = seen_on(finance.get(address))
    assert decide(colleague, ticket, first, note="First").status_code == 302
    stood = refresh(ticket)
    answer = finance.post(address, {"seen": seen, "note": "Second"}, follow=True)
    assert "already" in text_of(answer)
    assert "Nothing was changed." in text_of(answer)
    assert refresh(ticket) == stood
    assert VoidTicket.objects.get(pk=ticket.pk).note == "First"


@pytest.mark.rule("R24")
def test_a_decision_on_a_page_that_no_longer_holds_is_asked_again(finance, membership):
    ticket = open_ticket(membership)
    address = f"{QUEUE}{ticket.pk}/approve/"
    seen = seen_on(finance.get(address))
    order = Order.objects.get(number=ticket.contract.order_numbers[0])
    move_order(order, Order.Status.REFUNDED, paid_at=None, at=timezone.now())
    order.save()
    answer = finance.post(address, {"seen": seen, "note": "As typed"})
    assert answer.status_code == 409
    assert "Nothing was changed." in text_of(answer)
    assert "As typed" in answer.text
    assert "Refunded" in text_of(answer)
    assert refresh(ticket) == ("open", "official")
    assert finance.post(address, {"seen": seen_on(answer), "note": "As typed"}).status_code == 302
    assert refresh(ticket) == ("approved", "voided")


@pytest.mark.rule("R20")
@pytest.mark.rule("R21")
@pytest.mark.parametrize("clock_has_run", [False, True])
@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_ticket_of_a_contract_that_became_invalid_meanwhile_has_lapsed(
    finance, membership, clock, clock_has_run, decision
):
    ticket = open_ticket(membership, type="payment_request")
    address = f"{QUEUE}{ticket.pk}/{decision}/"
    seen = seen_on(finance.get(address))
    clock.shift(timedelta(days=8))
    if clock_has_run:
        services.invalidate_due(now=timezone.now())
    answer = finance.post(address, {"seen": seen, "note": "Late"}, follow=True)
    assert "This ticket was lapsed already." in text_of(answer)
    page = finance.get(f"{QUEUE}{ticket.pk}/change/")
    assert "The contract became invalid before anybody decided" in text_of(page)
    assert f"/{decision}/" not in page.text
    assert not AuditEvent.objects.filter(kind__in=("ticket_approved", "ticket_rejected", "voided")).exists()
    assert ticket.contract.number not in text_of(finance.get(QUEUE))
    assert ticket.contract.number in text_of(finance.get(f"{QUEUE}?status=lapsed"))


@pytest.mark.rule("R25")
@pytest.mark.parametrize("decision", ["approve", "reject", "change"])
def test_what_the_customer_wrote_is_shown_as_they_wrote_it(finance, membership, decision):
    script = '<script>alert("x")</script><b>bold</b>{{ 7|add:7 }}'
    ticket = open_ticket(membership, script, remarks="<img src=x onerror=1>")
    page = finance.get(f"{QUEUE}{ticket.pk}/{decision}/")
    assert script not in page.text
    assert "<img src=x" not in page.text
    assert script in unescape(page.text)


def test_a_decision_is_sent_by_post_alone(finance, membership):
    ticket = open_ticket(membership)
    for method in ("put", "patch", "delete"):
        getattr(finance, method)(f"{QUEUE}{ticket.pk}/approve/", {"note": "x"})
    finance.get(f"{QUEUE}{ticket.pk}/approve/", {"seen": "x", "note": "x"})
    assert refresh(ticket) == ("open", "official")


def test_a_forged_post_from_elsewhere_is_refused(membership):
    ticket = open_ticket(membership)
    user = factories.UserFactory(is_staff=True, is_superuser=True)
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(user)
    assert careful.post(f"{QUEUE}{ticket.pk}/approve/", {"seen": "", "note": "x"}).status_code == 403
    assert refresh(ticket) == ("open", "official")


def test_a_reader_without_the_permission_sees_no_button_and_is_refused(membership):
    ticket = open_ticket(membership)
    reader = holder_of("view_voidticket", "view_contract")
    page = reader.get(f"{QUEUE}{ticket.pk}/change/")
    assert page.status_code == 200
    for decision in ("approve", "reject"):
        assert f"/{decision}/" not in page.text
        assert reader.get(f"{QUEUE}{ticket.pk}/{decision}/").status_code == 403
        assert reader.post(f"{QUEUE}{ticket.pk}/{decision}/", {"note": "x"}).status_code == 403
    assert refresh(ticket) == ("open", "official")


def test_tickets_that_are_not_there_are_not_found(finance):
    for number in ("0", "999999", "x"):
        assert finance.get(f"{QUEUE}{number}/approve/").status_code == 404


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_staff_deciding_at_once_decide_once(issuer, membership):
    for round_ in range(10):
        ticket = open_ticket(membership)
        deciders = [_decider() for _ in range(4)]
        calls = [lambda by=by, t=ticket: services.approve_void(ticket=t, by=by, note="yes") for by in deciders[:2]]
        calls += [lambda by=by, t=ticket: services.reject_void(ticket=t, by=by, note="no") for by in deciders[2:]]
        outcomes = at_once(calls)
        won = [outcome for outcome in outcomes if isinstance(outcome, VoidTicket)]
        lost = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
        assert (len(won), len(lost)) == (1, 3), (round_, outcomes)
        assert {refused.code for refused in lost} == {"transition_not_allowed"}
        stands = refresh(ticket)
        assert stands in {("approved", "voided"), ("rejected", "official")}
        contract = Contract.objects.get(pk=ticket.contract_id)
        assert contract.documents.filter(kind="void_certificate").count() == (stands[0] == "approved")
        assert contract.events.filter(kind__in=("ticket_approved", "ticket_rejected")).count() == 1


def _decider():
    user = factories.UserFactory(is_staff=True, is_superuser=True)
    return staff_actor(get_user_model().objects.get(pk=user.pk), "contracts.decide_voidticket")
