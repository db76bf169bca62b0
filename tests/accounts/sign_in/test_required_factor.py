"""Staff by a setting, and members of accounts that ask for it, set up a second factor before anything else (R50)."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import get_resolver

from accounts.models import Account, SecurityEvent
from emails.models import Notice
from tests import factories
from tests.accounts.sign_in.codes import (
    code_now,
    enter_code,
    enter_password,
    is_signed_in,
    secret_on,
    with_app,
)
from tests.emails.mail import acting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock"), pytest.mark.rule("R50")]
PAGE = "/account/security/"


@pytest.fixture
def staff(settings):
    settings.STAFF_MFA_REQUIRED = True
    return factories.UserFactory(is_staff=True, is_superuser=True, email="wang@issuer.example")


def set_up(client: Client) -> None:
    secret = secret_on(client.get(f"{PAGE}app/").text)
    assert client.post(f"{PAGE}app/", {"code": code_now(secret)}).status_code == 200


def test_the_first_sign_in_of_staff_sets_one_up(staff, client):
    assert enter_password(client, staff, page="/admin/login/", following="/admin/").url == "/admin/"
    assert is_signed_in(client)
    assert client.get("/admin/").url == PAGE
    assert "You need a second factor." in client.get(PAGE).text
    set_up(client)
    assert client.get("/admin/").status_code == 200


def admin_addresses() -> list[str]:
    """Addresses of the back office without arguments, as the resolver knows them."""
    [admin] = [one for one in get_resolver().url_patterns if str(one.pattern) == "admin/"]
    found = []
    for one in admin.url_patterns:
        parts = [one] if not hasattr(one, "url_patterns") else one.url_patterns
        prefix = "" if parts == [one] else str(one.pattern)
        found += [f"/admin/{prefix}{part.pattern}" for part in parts]
    return [address for address in found if "<" not in address and "(" not in address and "^" not in address]


def test_nothing_of_the_back_office_is_served_before(staff, client):
    client.force_login(staff)
    addresses = [one for one in admin_addresses() if one not in ("/admin/login/", "/admin/logout/")]
    assert len(addresses) > 40
    for address in addresses:
        for answer in (client.get(address), client.post(address)):
            assert (answer.status_code, answer.get("Location")) == (302, PAGE), address
    assert client.post("/admin/logout/").status_code != 500
    assert not is_signed_in(client)


def test_without_the_setting_staff_need_none(client):
    client.force_login(factories.UserFactory(is_staff=True))
    assert client.get("/admin/").status_code == 200


def test_staff_cannot_remove_their_last_factor(staff, client):
    enter_password(client, staff)
    set_up(client)
    answer = client.post(f"{PAGE}factors/{staff.authenticator_set.get(type='totp').pk}/remove/")
    assert answer.status_code == 409
    assert staff.authenticator_set.count() == 2


@pytest.fixture
def asking(issuer):
    """The owner of an account that asks for a second factor."""
    owner = acting()
    Account.objects.filter(pk=owner.account_id).update(second_factor_required=True)
    return owner


@pytest.mark.parametrize("address", ["/contracts/", "/orders/", "/account/", "/account/tokens/", "/account/settings/"])
def test_members_of_an_account_that_asks_set_one_up(asking, client, address):
    enter_password(client, asking.user)
    assert client.get(address).url == PAGE
    assert client.post(address).status_code in (302, 405)
    set_up(client)
    assert client.get(address).status_code == 200


def test_an_htmx_request_is_led_there_as_a_page(asking, client):
    client.force_login(asking.user)
    assert client.get("/contracts/", headers={"HX-Request": "true"})["HX-Redirect"] == PAGE


def test_a_member_acts_for_another_account_without_one(asking, client):
    other = factories.MembershipFactory(user=asking.user)
    client.force_login(asking.user)
    client.post("/account/choose/", {"account": other.account.number})
    assert client.get("/contracts/").status_code == 200


def test_api_tokens_are_not_touched(asking):
    from tests.conftest import Api

    assert Api(asking).get("account/").status_code == 200


def save_settings(client: Client, **given: str):
    return client.post("/account/settings/", {"document_language": "", "cc_emails": "", **given})


def test_an_owner_asks_for_it_and_the_log_tells(issuer):
    owner = acting()
    client = Client()
    client.force_login(owner.user)
    with_app(owner.user)
    assert save_settings(client, second_factor_required="on").status_code == 302
    owner.account.refresh_from_db()
    assert owner.account.second_factor_required
    event = SecurityEvent.objects.get(kind="factor_requirement_changed")
    assert event.detail == f"account {owner.account.number}: required"
    assert save_settings(client).status_code == 302
    owner.account.refresh_from_db()
    assert not owner.account.second_factor_required


@pytest.mark.parametrize("role", ["finance", "viewer"])
def test_others_cannot(issuer, role):
    member = acting(role=role)
    client = Client()
    client.force_login(member.user)
    assert save_settings(client, second_factor_required="on").status_code == 403
    member.account.refresh_from_db()
    assert not member.account.second_factor_required


def test_an_operator_resets_the_factors_of_a_person_who_lost_the_phone(staff, client):
    enter_password(client, staff)
    set_up(client)
    call_command("reset_mfa", staff.username, stdout=StringIO())
    assert not is_signed_in(client) or client.get("/admin/").url.startswith("/admin/login/")
    assert not staff.authenticator_set.exists()
    event = SecurityEvent.objects.get(kind="factors_reset")
    assert (event.user, event.about, event.detail) == (None, staff, "totp, recovery_codes")
    assert Notice.objects.filter(user=staff, kind="factors_reset").exists()
    again = Client()
    enter_password(again, staff)
    assert again.get("/admin/").url == PAGE


def test_resetting_nobodys_factors_says_so():
    with pytest.raises(CommandError, match="There is no user nobody"):
        call_command("reset_mfa", "nobody")


def test_a_second_factor_that_somebody_has_is_enough(asking, client):
    with_app(asking.user)
    enter_password(client, asking.user)
    enter_code(client, code_now())
    assert client.get("/contracts/").status_code == 200
