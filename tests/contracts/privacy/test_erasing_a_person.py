"""A person is erased: their data are nowhere but where the law keeps them, and all that is kept still fits together."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.certification.requests import approve_certification, reject_certification, request_certification
from accounts.models import ApiToken, CertificationRequest, IdempotentRequest, Membership, SavedFilter
from billing.models import LedgerEntry
from contracts.models import AuditEvent, Selection
from contracts.operations.privacy.fields import FIELDS, Treatment
from contracts.services import approve_void, request_void
from tests import factories
from tests.contracts.archive.asking import told
from tests.emails.mail import finance, notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer"), pytest.mark.rule("R27")]
MARK = "zhaowei"


@pytest.fixture
def person() -> Membership:
    """The only member of a person's account, whose data are everywhere that we put some."""
    account = factories.AccountFactory(certification="personal", certified_name=MARK)
    factories.PartyProfileFactory(account=account, contact=MARK, email=f"{MARK}@customer.example", address=MARK)
    facts = {"first_name": MARK, "last_name": MARK, "email": f"{MARK}@customer.example"}
    user = factories.UserFactory(username=MARK, **facts, last_login=timezone.now())
    return factories.MembershipFactory(account=account, user=user)


def leave_traces(member: Membership) -> None:
    user, account = member.user, member.account
    Client().force_login(user)
    token, _ = ApiToken.for_member(member, name=MARK)
    notice(member, reason=MARK)
    Selection.objects.create(account=account, user=user, type="order")
    SavedFilter.objects.create(user=user, list="accounts.account", name=MARK, query=f"q={MARK}")
    IdempotentRequest.objects.create(token=token, key=MARK, fingerprint="f", answer={"contact": MARK})
    seen = {"username": MARK, "ip_address": "192.0.2.7", "path_info": "/login/", "user_agent": "browser"}
    AccessAttempt.objects.create(failures_since_start=1, get_data="", post_data=MARK, **seen)
    AccessFailureLog.objects.create(**seen)
    AccessLog.objects.create(**seen)
    about = {"content_type": ContentType.objects.get_for_model(user), "object_id": user.pk, "object_repr": MARK}
    LogEntry.objects.create(user=factories.UserFactory(), action_flag=CHANGE, **about)


def certify(member: Membership, *, approve: bool = True) -> CertificationRequest:
    request = request_certification(
        kind="personal",
        name=MARK,
        credit_code="",
        licence=ContentFile(b"%PDF-1.7 a scan %%EOF", name="scan.pdf"),
        by=actor_of(member, "page"),
    )
    by = finance("accounts.decide_certificationrequest")
    if approve:
        return approve_certification(request=request, by=by)
    return reject_certification(request=request, note="unreadable", by=by)


def erase(*words: str) -> str:
    out = StringIO()
    call_command("erase_person", *words, stdout=out)
    return out.getvalue()


def refused(*words: str) -> str:
    with pytest.raises(CommandError) as refusal:
        erase(*words)
    return str(refusal.value)


def places_of(mark: str) -> Iterator[tuple[str, str]]:
    """Every field of the whole database that holds it."""
    for model in apps.get_models(include_auto_created=True):
        names = [field.name for field in model._meta.concrete_fields]
        for row in model._base_manager.values(*names):
            yield from ((model._meta.label, name) for name in names if mark in str(row[name]))


def test_nothing_of_the_person_is_left_but_what_the_law_keeps(own_files, person, django_capture_on_commit_callbacks):
    leave_traces(person)
    actor = actor_of(person, "page")
    certify(person)
    contract = factories.official(actor)
    approve_void(
        ticket=request_void(contract=factories.official(actor), reason="twice", by=actor), by=factories.staff()
    )
    path = CertificationRequest.objects.get().licence.name
    before = {Treatment.ERASED, Treatment.PASSING, Treatment.ACCOUNT} - {
        FIELDS[model][field] for model, field in places_of(MARK)
    }
    assert before == set()

    with django_capture_on_commit_callbacks(execute=True):
        said = erase(MARK)

    assert f"User {person.user_id} is erased: 1 idempotency keys, 1 tokens, " in said
    assert f"Account {person.account.number} has no members any more" in said
    assert set(places_of(MARK)) == {
        ("accounts.Account", "certified_name"),  # Party A's, in contracts and books
        ("accounts.CertificationRequest", "name"),
        ("contracts.Contract", "party_a"),
        ("contracts.ContractSearch", "text"),
    }
    assert not default_storage.exists(path)
    assert not Session.objects.exists()
    assert set(AuditEvent.objects.filter(contract=contract).values_list("actor_id", flat=True)) == {person.user_id}
    assert told()[0] == []


def test_the_row_stays_as_an_id_by_which_nobody_signs_in(person):
    user = person.user
    user.groups.create(name="Committee")
    erase(MARK)
    user.refresh_from_db()
    assert (user.username, user.email, user.first_name, user.last_name) == (f"erased-{user.pk}", "", "", "")
    assert (user.is_active, user.is_staff, user.is_superuser) == (False, False, False)
    assert not user.has_usable_password()
    assert (user.last_login, user.date_joined, user.groups.count()) == (None, timezone.now(), 0)
    assert Client().post("/login/", {"username": user.username, "password": "secret"}).status_code == 200  # not in
    assert refused(user.username) == f"User {user.pk} has already been erased."


def test_a_person_who_never_bought_anything_leaves_no_name_behind(person, django_capture_on_commit_callbacks):
    certify(person, approve=False)
    with django_capture_on_commit_callbacks(execute=True):
        erase(MARK)
    assert set(places_of(MARK)) == set()
    assert CertificationRequest.objects.get().status == "rejected"


def test_the_others_of_an_account_keep_theirs(person):
    other = factories.MembershipFactory(account=person.account, user__email="other@customer.example")
    leave_traces(person)
    notice(other)
    ApiToken.for_member(other)
    Client().force_login(other.user)
    assert "no members" not in erase(MARK)
    assert ApiToken.objects.get().user == other.user
    assert Session.objects.get().get_decoded()["_auth_user_id"] == str(other.user_id)
    assert person.account.profile.contact == MARK  # the account's, for its next contract; others can change it


def test_what_is_under_way_is_ended_first(person, clock):
    draft = factories.draft(actor_of(person, "page"), type="payment_request")
    assert f"contract {draft.number} is a draft or a live payment request" in refused(MARK)
    clock.shift(timedelta(days=8))
    assert "is erased" in erase(MARK)


def test_an_open_ticket_and_a_balance_are_settled_first(person):
    actor = actor_of(person, "page")
    ticket = request_void(contract=factories.official(actor), reason="twice", by=actor)
    assert "A void ticket of account" in refused(MARK)
    approve_void(ticket=ticket, by=factories.staff())
    LedgerEntry.objects.create(account=person.account, amount="7.50", booked_at=timezone.now())
    assert "has a balance of 7.50 CNY: settle it first" in refused(MARK)


def test_what_is_under_way_is_ended_first_where_no_other_member_may_act(person, clock):
    """The owner cannot act any more: nobody would void the draft or use the money."""
    draft = factories.draft(actor_of(person, "page"), type="payment_request")
    LedgerEntry.objects.create(account=person.account, amount="500.00", booked_at=timezone.now())
    get_user_model().objects.filter(pk=person.user_id).update(is_active=False)
    last = factories.MembershipFactory(account=person.account, role="finance")
    viewer = factories.MembershipFactory(account=person.account, role="viewer")
    assert "is erased" in erase(viewer.user.username)  # who could do nothing of it is not kept for it
    assert f"contract {draft.number} is a draft or a live payment request" in refused(last.user.username)
    clock.shift(timedelta(days=8))
    assert "has a balance of 500.00 CNY: settle it first" in refused(last.user.username)
    factories.MembershipFactory(account=person.account, role="finance")
    assert "is erased" in erase(last.user.username)


def test_the_last_owner_of_others_and_the_last_superuser_are_not_erased(person):
    viewer = factories.MembershipFactory(account=person.account, role="viewer")
    assert "make another member owner first" in refused(MARK)
    Membership.objects.filter(pk=viewer.pk).update(role="owner")
    get_user_model().objects.filter(pk=person.user_id).update(is_superuser=True)
    assert "This is the last superuser" in refused(MARK)
    factories.UserFactory(is_superuser=True)
    assert "is erased" in erase(MARK)


def test_a_request_for_certification_is_decided_first(person):
    licence = ContentFile(b"%PDF-1.7 a scan %%EOF", name="scan.pdf")
    request_certification(kind="personal", name=MARK, credit_code="", licence=licence, by=actor_of(person, "page"))
    assert "has a pending certification request" in refused(MARK)


def test_after_a_restore_a_person_is_erased_again_by_id(person):
    assert "is erased" in erase("--id", str(person.user_id))
    assert refused("nobody") == "There is no user nobody."
    assert refused() == "Give a user name, or --id."


def test_a_person_is_given_what_is_kept_of_them(person):
    import json

    leave_traces(person)
    contract = factories.official(actor_of(person, "page"))
    out = StringIO()
    call_command("export_person", MARK, stdout=out)
    given = json.loads(out.getvalue())
    assert given["user"][0]["email"] == f"{MARK}@customer.example"
    assert given["memberships"][0]["role"] == "owner"
    assert given["tokens"][0]["name"] == MARK
    assert given["emails"][0]["facts"]["reason"] == MARK
    assert given["saved_filters"][0]["query"] == f"q={MARK}"
    assert [event["kind"] for event in given["audit_events"]] == ["drafted", "converted"]
    assert given["audit_events"][0]["contract_number"] == contract.number
    assert "pbkdf2" not in out.getvalue()
    assert person.user.password not in out.getvalue()
