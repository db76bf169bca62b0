"""With FOUR_EYES on, grave acts are proposed by one person and confirmed by another, whoever they are (R45)."""

from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.access.actors import Actor, staff_actor
from accounts.four_eyes import confirm, reject
from accounts.models import Issuer, Membership, Proposal, SecurityEvent
from billing.four_eyes import propose_remittance_account
from billing.models import LedgerEntry, RemittanceAccount
from billing.remittance_accounts import set_remittance_account
from billing.remittances import book_remittance, reverse_entry
from common.errors import Refused
from contracts.models import ClauseVersion, Contract, VoidTicket
from contracts.services import approve_void, request_void
from contracts.services.publishing import prepare_clauses, prepare_issuer, publish_clauses, publish_issuer
from tests import factories
from tests.contracts.back_office.legal import seen_on
from tests.contracts.test_concurrency import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R45"), pytest.mark.usefixtures("clock", "issuer")]
PROPOSALS = "/admin/accounts/proposal"
DETAILS = {"payee": "云帆", "bank": "招商银行", "account_number": "12190000999977777777"}
DECIDE = "accounts.decide_proposal"


@pytest.fixture(autouse=True)
def _on(settings):
    settings.FOUR_EYES = True


class Person:
    """Somebody of these roles: their browser, and how services know them."""

    def __init__(self, *groups: str, **flags: bool) -> None:
        self.user = factories.UserFactory(is_staff=True, **flags)
        self.user.groups.add(*Group.objects.filter(name__in=groups))
        self.client = Client()
        self.client.force_login(self.user)

    def by(self, permission: str = DECIDE) -> Actor:
        return staff_actor(get_user_model().objects.get(pk=self.user.pk), permission)

    def decide(self, url: str, **given: str):
        """Open the page of a decision and send its form."""
        page = self.client.get(url)
        return self.client.post(url, {"seen": seen_on(page), **given}) if page.status_code == 200 else page

    def confirm(self, proposal: Proposal):
        return self.decide(f"{PROPOSALS}/{proposal.pk}/confirm/")


@pytest.fixture
def first() -> Person:
    return Person("Finance", "Legal")


@pytest.fixture
def second() -> Person:
    return Person("Finance", "Legal")


@pytest.fixture
def account():
    return factories.AccountFactory()


def code_of(call, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        call(**kwargs)
    return caught.value.code


def ticket() -> VoidTicket:
    owner = factories.member()
    return request_void(contract=factories.official(owner), reason="Wrong orders", by=owner)


def prepared_issuer(by: Actor) -> Issuer:
    version = prepare_issuer(by=by)
    version.phone = "+86 21 5000 9999"
    version.save()
    return version


def proposal_of(first: Person, account) -> Proposal:
    by = first.by("billing.change_remittanceaccount")
    return propose_remittance_account(account=account, values=DETAILS, by=by)


def only() -> Proposal:
    return Proposal.objects.get(status="open")


class TestEachAct:
    """Each is proposed on the page where one person otherwise does it, and done when another confirms."""

    def carried_out(self, first: Person, second: Person, is_done) -> None:
        proposal = only()
        assert proposal.proposed_by == first.user
        assert proposal.changes
        assert first.confirm(proposal).status_code == 403
        assert not is_done()
        assert second.confirm(proposal).status_code == 302
        assert is_done()
        proposal = Proposal.objects.get(pk=proposal.pk)
        assert (proposal.status, proposal.decided_by) == ("confirmed", second.user)

    @pytest.mark.rule("R5")
    def test_a_void_approval(self, first, second):
        opened = ticket()
        first.decide(f"/admin/contracts/voidticket/{opened.pk}/approve/", note="Agreed")
        self.carried_out(first, second, lambda: Contract.objects.get().status == "voided")
        opened = VoidTicket.objects.get(pk=opened.pk)
        assert (opened.decided_by, opened.note) == (second.user, "Agreed")

    def test_an_exclusive_remittance_account(self, first, second, account):
        answer = first.client.post("/admin/billing/remittanceaccount/add/", {"account": account.pk, **DETAILS})
        assert answer.url == f"{PROPOSALS}/{only().pk}/change/"
        self.carried_out(first, second, lambda: RemittanceAccount.objects.filter(account=account).exists())
        stored = RemittanceAccount.objects.get()
        changed = {"account": account.pk, **DETAILS, "bank": "中国银行"}
        first.client.post(f"/admin/billing/remittanceaccount/{stored.pk}/change/", changed)
        assert only().changes == [["Bank", "招商银行", "中国银行"]]
        self.carried_out(first, second, lambda: RemittanceAccount.objects.get().bank == "中国银行")

    def test_a_publication_of_the_issuer(self, first, second):
        version = prepared_issuer(first.by("accounts.change_issuer"))
        first.decide(f"/admin/accounts/issuer/{version.pk}/publish/")
        assert ["Phone", "+86 21 5000 0000", "+86 21 5000 9999"] in only().changes
        self.carried_out(first, second, lambda: Issuer.objects.get(pk=version.pk).published)

    def test_a_publication_of_clauses(self, first, second):
        version = prepare_clauses(type="order", by=first.by("contracts.change_clauseversion"))
        clause = version.clauses.first()
        clause.text_en = "Changed."
        clause.save()
        first.decide(f"/admin/contracts/clauseversion/{version.pk}/publish/")
        assert "Changed." in only().changes[1][2]
        self.carried_out(first, second, lambda: ClauseVersion.objects.get(pk=version.pk).published)

    def test_a_booking(self, first, second, account):
        typed = {"account": account.number, "amount": "100.00", "currency": "CNY", "bank_reference": "CMB-1"}
        seen = first.client.post("/admin/billing/ledgerentry/book/", typed).context["seen"]
        first.client.post("/admin/billing/ledgerentry/book/", {**typed, "seen": seen})
        self.carried_out(first, second, lambda: LedgerEntry.objects.filter(amount=Decimal(100)).exists())

    def test_a_reversal(self, first, second, account):
        entry = LedgerEntry.objects.create(
            account=account, amount=Decimal(100), bank_reference="CMB-1", booked_at="2026-11-20T00:00:00Z"
        )
        first.decide(f"/admin/billing/ledgerentry/{entry.pk}/reverse/", note="Twice")
        self.carried_out(first, second, lambda: LedgerEntry.objects.filter(reverses=entry).exists())


class TestServicesRefuseOnePerson:
    def test_whatever_calls_them(self, first, account, clock):
        opened = ticket()
        issuer = prepared_issuer(first.by("accounts.change_issuer"))
        clauses = prepare_clauses(type="order", by=first.by("contracts.change_clauseversion"))
        entry = LedgerEntry.objects.create(
            account=account, amount=Decimal(100), bank_reference="CMB-1", booked_at="2026-11-20T00:00:00Z"
        )
        booking = {"amount": Decimal(100), "currency": "CNY", "bank_reference": "CMB-2", "received_on": None}
        for call, given, permission in (
            (approve_void, {"ticket": opened}, "contracts.decide_voidticket"),
            (publish_issuer, {"version": issuer}, "accounts.publish_issuer"),
            (publish_clauses, {"version": clauses}, "contracts.publish_clauseversion"),
            (set_remittance_account, {"account": account, **DETAILS}, "billing.change_remittanceaccount"),
            (book_remittance, {"account": account, **booking}, "billing.book_remittance"),
            (reverse_entry, {"entry": entry, "note": "Twice"}, "billing.book_remittance"),
        ):
            assert code_of(call, **given, by=first.by(permission)) == "permission_denied", call
        superuser = Person(is_superuser=True)
        assert (
            code_of(approve_void, ticket=opened, by=superuser.by("contracts.decide_voidticket")) == "permission_denied"
        )

    @pytest.mark.parametrize(("amount", "takes_two"), [("100.00", False), ("100.01", True)])
    def test_bookings_only_over_the_limit(self, first, account, settings, amount, takes_two):
        settings.FOUR_EYES_BOOKINGS_OVER = 100
        typed = {"account": account.number, "amount": amount, "currency": "CNY", "bank_reference": "CMB-1"}
        seen = first.client.post("/admin/billing/ledgerentry/book/", typed).context["seen"]
        first.client.post("/admin/billing/ledgerentry/book/", {**typed, "seen": seen})
        assert (Proposal.objects.exists(), LedgerEntry.objects.exists()) == (takes_two, not takes_two)

    def test_without_the_setting_one_person_is_enough(self, first, settings):
        settings.FOUR_EYES = False
        opened = ticket()
        first.decide(f"/admin/contracts/voidticket/{opened.pk}/approve/")
        assert Contract.objects.get().status == "voided"
        assert not Proposal.objects.exists()


class TestWhoConfirms:
    def test_nobody_confirms_their_own_also_no_superuser(self, account):
        root = Person(is_superuser=True)
        proposal = proposal_of(root, account)
        assert code_of(confirm, proposal=proposal, by=root.by()) == "permission_denied"
        assert "confirm/" not in root.client.get(f"{PROPOSALS}/{proposal.pk}/change/").text
        assert only() == proposal
        with pytest.raises(IntegrityError), transaction.atomic():
            Proposal.objects.update(status="confirmed", decided_by=root.user, decided_at="2026-11-22T00:00:00Z")

    def test_only_those_who_may_do_the_act(self, first, account):
        proposal, legal = proposal_of(first, account), Person("Legal")
        assert code_of(confirm, proposal=proposal, by=legal.by()) == "permission_denied"
        assert legal.confirm(proposal).status_code == 403
        assert Person("Auditor").client.get(f"{PROPOSALS}/{proposal.pk}/confirm/").status_code == 403
        assert only() == proposal

    def test_nobody_about_an_account_of_their_own(self, first, second, account):
        Membership.objects.create(user=second.user, account=account, role="viewer")
        assert code_of(confirm, proposal=proposal_of(first, account), by=second.by()) == "permission_denied"
        Proposal.objects.all().delete()
        assert code_of(proposal_of, first=second, account=account) == "permission_denied"

    def test_a_proposal_is_rejected_by_either_with_a_reason(self, first, second, account):
        for person in (first, second):
            proposal = proposal_of(first, account)
            assert code_of(reject, proposal=proposal, note=" ", by=person.by()) == "invalid"
            person.decide(f"{PROPOSALS}/{proposal.pk}/reject/", note="Wrong number")
            assert code_of(confirm, proposal=proposal, by=second.by()) == "transition_not_allowed"
        assert list(Proposal.objects.values_list("status", flat=True)) == ["rejected"] * 2
        assert not RemittanceAccount.objects.exists()


class TestWhatIsProposed:
    def test_the_same_is_not_proposed_twice(self, first, second, account):
        proposal_of(first, account)
        assert code_of(proposal_of, first=second, account=account) == "transition_not_allowed"

    def test_a_changed_subject_is_not_confirmed_and_can_be_proposed_again(self, first, second, account):
        stale = proposal_of(first, account)
        factories.RemittanceAccountFactory(account=account)
        assert code_of(confirm, proposal=stale, by=second.by()) == "transition_not_allowed"
        again = proposal_of(first, account)
        assert Proposal.objects.get(pk=stale.pk).status == "lapsed"
        confirm(proposal=again, by=second.by())
        assert RemittanceAccount.objects.get().account_number == DETAILS["account_number"]

    def test_texts_edited_after_the_proposal_are_not_published(self, first, second):
        version = prepared_issuer(first.by("accounts.change_issuer"))
        first.decide(f"/admin/accounts/issuer/{version.pk}/publish/")
        Issuer.objects.filter(pk=version.pk).update(payee_account="1219000099990000")
        assert second.confirm(only()).status_code == 409
        assert not Issuer.objects.get(pk=version.pk).published

    def test_a_failed_act_leaves_the_proposal_open(self, first, second, account):
        proposal = proposal_of(first, account)
        factories.RemittanceAccountFactory(account_number=DETAILS["account_number"])
        assert code_of(confirm, proposal=proposal, by=second.by()) == "invalid"
        assert only() == proposal

    def test_each_step_is_in_the_security_log(self, first, second, account):
        confirm(proposal=proposal_of(first, account), by=second.by())
        events = SecurityEvent.objects.filter(kind="four_eyes").order_by("pk")
        assert [(event.user, event.detail.rpartition(": ")[2]) for event in events] == [
            (first.user, "proposed"),
            (second.user, "confirmed"),
        ]


def test_the_home_page_counts_what_waits(first, account, settings):
    proposal_of(first, account)
    assert "Proposals to confirm" in first.client.get("/admin/").text
    settings.FOUR_EYES = False
    assert "Proposals to confirm" not in first.client.get("/admin/").text


def test_the_demo_has_a_second_finance_person(settings):
    settings.DEBUG = True
    call_command("seed_demo", verbosity=0)
    user = get_user_model().objects.get(username="finance2")
    assert user.has_perm(DECIDE)
    assert user.has_perm("contracts.decide_voidticket")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_many_confirmations_at_once_carry_it_out_once():
    account = factories.AccountFactory()
    proposal = propose_remittance_account(
        account=account, values=DETAILS, by=Person("Finance").by("billing.change_remittanceaccount")
    )
    people = [Person("Finance").by() for _ in range(6)]
    outcomes = at_once([lambda by=by: confirm(proposal=proposal, by=by) for by in people])
    assert sum(isinstance(outcome, Proposal) for outcome in outcomes) == 1, outcomes
    assert SecurityEvent.objects.filter(kind="four_eyes", detail__endswith="confirmed").count() == 1
