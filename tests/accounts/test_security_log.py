"""The security log: who signed in, made tokens, read scans and took data out, with address and time."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.access.security_log import record_security_event
from accounts.certification.requests import request_certification
from accounts.models import ApiToken, SecurityEvent
from contracts.operations.retention import delete_expired
from tests import factories
from tests.emails.mail import somebody_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
ADDRESS = "192.0.2.7"
OFFICE = "/admin/accounts/securityevent/"


def events(*fields: str) -> list:
    """In the order in which they happened."""
    return list(SecurityEvent.objects.order_by("pk").values_list(*(fields or ("kind",)), flat=len(fields) < 2))


@pytest.fixture
def client_of(membership):
    def make(user=None) -> Client:
        client = Client(REMOTE_ADDR=ADDRESS)
        client.force_login(user or membership.user)
        SecurityEvent.objects.all().delete()
        return client

    return make


@pytest.mark.parametrize("page", ["/login/", "/admin/login/"])
def test_signing_in_and_out_and_failing_to(membership, page):
    user = membership.user
    user.is_staff = True
    user.save()
    client = Client(REMOTE_ADDR=ADDRESS)
    client.post(page, {"username": user.username, "password": "wrong"})
    client.post(page, {"username": user.username, "password": "secret"})
    client.post("/logout/")
    now = timezone.now()
    assert events("kind", "user", "address", "at") == [
        ("sign_in_failed", user.pk, ADDRESS, now),
        ("signed_in", user.pk, ADDRESS, now),
        ("signed_out", user.pk, ADDRESS, now),
    ]


def test_a_name_that_nobody_has_is_not_kept(db):
    """It may be a password, typed into the wrong field."""
    Client(REMOTE_ADDR=ADDRESS).post("/login/", {"username": "correct horse", "password": "li"})
    assert events("kind", "user", "address", "detail") == [("sign_in_failed", None, ADDRESS, "")]


def test_tokens_made_and_revoked_on_the_page(client_of, membership):
    client = client_of()
    client.post("/account/tokens/create/", {"name": "procurement", "scope": "apply", "days": "365"})
    token = ApiToken.objects.get()
    client.post(f"/account/tokens/{token.token_key}/revoke/")
    detail = f"token {token.token_key[:8]}, apply, account {membership.account.number}"
    assert events("kind", "user", "about", "address", "detail") == [
        ("token_created", membership.user_id, None, ADDRESS, detail),
        ("token_revoked", membership.user_id, None, ADDRESS, detail),
    ]


def test_tokens_made_and_revoked_by_commands(membership):
    out = StringIO()
    call_command("create_api_token", membership.user.username, stdout=out)
    call_command("revoke_api_token", out.getvalue().strip(), stdout=StringIO())
    assert events("kind", "user", "about", "address") == [
        ("token_created", None, membership.user_id, None),
        ("token_revoked", None, membership.user_id, None),
    ]


@pytest.fixture
def root(client_of) -> Client:
    return client_of(factories.UserFactory(is_staff=True, is_superuser=True))


def test_rights_given_in_the_back_office(root):
    user, finance = factories.UserFactory(), Group.objects.get(name="Finance")
    facts = {"username": user.username, "is_active": "on", "first_name": "Li"}
    root.post(f"/admin/auth/user/{user.pk}/change/", facts)
    assert events() == []  # a name is no right
    root.post(f"/admin/auth/user/{user.pk}/change/", {**facts, "is_staff": "on", "groups": [finance.pk]})
    root.post(f"/admin/auth/user/{user.pk}/change/", {**facts, "is_staff": "on"})
    assert events("kind", "about", "address", "detail") == [
        ("role_changed", user.pk, ADDRESS, "is_staff: true; groups: Finance"),
        ("role_changed", user.pk, ADDRESS, "groups: none"),
    ]


def test_rights_of_a_group_and_the_end_of_a_user(root):
    group, user = Group.objects.create(name="Support"), factories.UserFactory()
    permission = Permission.objects.get(codename="view_order")
    root.post(f"/admin/auth/group/{group.pk}/change/", {"name": "Support", "permissions": [permission.pk]})
    root.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"})
    root.post(f"/admin/auth/user/{user.pk}/delete/", {"post": "yes"})
    assert events("kind", "detail") == [
        ("role_changed", "group Support: view_order"),
        ("role_changed", "group Support deleted"),
        ("role_changed", f"user {user.pk} deleted"),
    ]


def test_members_of_an_account(root, membership):
    account = membership.account
    page = root.get(f"/admin/accounts/account/{account.pk}/change/")
    form, formset = page.context["adminform"].form, page.context["inline_admin_formsets"][0].formset
    given = {name: form[name].value() for name in form.fields} | {
        field.html_name: field.value() or "" for one in (formset.management_form, *formset.forms) for field in one
    }
    prefix = formset.prefix
    root.post(f"/admin/accounts/account/{account.pk}/change/", {**given, f"{prefix}-0-role": "viewer"})
    root.post(f"/admin/accounts/account/{account.pk}/change/", {**given, f"{prefix}-0-DELETE": "on"})
    assert events("kind", "about", "detail") == [
        ("role_changed", membership.user_id, f"account {account.number}: viewer"),
        ("role_changed", membership.user_id, f"account {account.number}: removed"),
    ]


def test_reading_an_identity_scan(client_of, membership):
    scan = ContentFile(b"%PDF-1.7 a scan %%EOF", name="scan.pdf")
    by = actor_of(membership, "page")
    request = request_certification(kind="personal", name="李雷", credit_code="", licence=scan, by=by)
    staff = somebody_of("Finance")
    SecurityEvent.objects.all().delete()
    assert staff.get(f"/admin/accounts/certificationrequest/{request.pk}/licence/").status_code == 200
    [(kind, user, detail)] = events("kind", "user", "detail")
    assert (kind, detail) == ("scan_read", f"certification request {request.pk}")
    assert user != membership.user_id


def test_taking_evidence_and_personal_data_out(client_of, membership, api):
    contract = factories.official(actor_of(membership, "page"))
    staff = somebody_of("Auditor")
    client = client_of()
    assert client.get(f"/contracts/{contract.number}/evidence/").status_code == 200
    assert api.get(f"contracts/{contract.number}/evidence/").status_code == 200
    assert staff.get(f"/admin/contracts/contract/{contract.pk}/evidence/").status_code == 200
    call_command("export_person", membership.user.username, stdout=StringIO())
    assert set(events("kind")) == {"exported"}
    assert events("detail") == [f"evidence {contract.number}"] * 3 + ["personal data"]
    assert events("user")[:2] == [membership.user_id] * 2
    assert events("user", "about")[3] == (None, membership.user_id)


def test_a_person_is_given_their_events_and_erased_with_them(client_of, membership):
    other = factories.MembershipFactory(account=membership.account)
    for user_id, about_id in ((membership.user_id, None), (other.user_id, membership.user_id)):
        record_security_event(kind=SecurityEvent.Kind.ROLE_CHANGED, user_id=user_id, about_id=about_id)
    out = StringIO()
    call_command("export_person", membership.user.username, stdout=out)
    assert '"security_events": [\n  {\n   "kind": "role_changed"' in out.getvalue()
    call_command("erase_person", membership.user.username, stdout=StringIO())
    assert events("user", "about")[0] == (other.user_id, membership.user_id)  # an id without a name
    assert not SecurityEvent.objects.filter(user=membership.user).exists()


def test_events_are_deleted_after_180_days(clock, membership):
    record_security_event(kind=SecurityEvent.Kind.SIGNED_IN, user_id=membership.user_id)
    clock.shift(timedelta(days=180))
    assert delete_expired(now=timezone.now())["security_events"] == 0
    clock.shift(timedelta(seconds=1))
    assert delete_expired(now=timezone.now())["security_events"] == 1
    assert not SecurityEvent.objects.exists()


def test_superusers_read_the_log_and_search_it(client_of, membership):
    record_security_event(kind=SecurityEvent.Kind.EXPORTED, user_id=membership.user_id, detail="evidence 17")
    root = Client(REMOTE_ADDR="2001:db8::1")
    user = factories.UserFactory(is_staff=True, is_superuser=True)
    root.post("/admin/login/", {"username": user.username, "password": "secret"})
    assert "evidence 17" in root.get(OFFICE).text
    assert f'href="{OFFICE}"' in root.get("/admin/").text
    for term, there in ((membership.user.username, True), ("nobody", False), (ADDRESS, False)):
        assert ("evidence 17" in root.get(OFFICE, {"q": term}).text) is there
    assert "2001:db8::1" in root.get(OFFICE, {"q": "2001:DB8:0::1"}).text
    pk = SecurityEvent.objects.first().pk
    for path in ("add/", f"{pk}/delete/"):
        assert root.post(f"{OFFICE}{path}", {"post": "yes"}).status_code == 403
    assert SecurityEvent.objects.filter(pk=pk).exists()


def test_nobody_else_reads_it_even_with_the_permission(client_of):
    for role in ("Finance", "Legal", "Auditor"):
        client = somebody_of(role)
        assert client.get(OFFICE).status_code == 403
        assert "securityevent" not in client.get("/admin/").text
