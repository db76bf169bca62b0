"""The security page: adding and removing second factors, new recovery codes, and who hears of it (R50)."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import SecurityEvent
from emails.models import Notice
from tests import factories
from tests.accounts.sign_in.codes import code_now, enter_code, enter_password, is_signed_in, secret_on, with_app
from tests.emails.mail import acting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE = "/account/security/"


@pytest.fixture
def user(issuer):
    return acting().user


@pytest.fixture
def visit(user) -> Client:
    client = Client()
    enter_password(client, user)
    SecurityEvent.objects.all().delete()
    return client


def events() -> list:
    return list(SecurityEvent.objects.order_by("pk").values_list("kind", "detail"))


def emails() -> list:
    return list(Notice.objects.order_by("pk").values_list("kind", flat=True))


def app_of(user):
    return user.authenticator_set.get(type="totp")


def test_an_app_is_added_by_its_first_code(visit, user, clock):
    secret = secret_on(visit.get(f"{PAGE}app/").text)
    assert secret_on(visit.get(f"{PAGE}app/").text) == secret  # a reload does not break what was scanned
    answer = visit.post(f"{PAGE}app/", {"code": code_now(secret)})
    assert answer.status_code == 200
    assert "will not be shown again" in answer.text
    assert answer["Cache-Control"] == "private, no-store"
    assert events() == [("factor_added", "totp")]
    assert emails() == ["factor_added"]
    clock.shift(timedelta(minutes=1))
    client = Client()
    assert enter_password(client, user).url == "/login/second-step/"
    enter_code(client, code_now(secret))
    assert is_signed_in(client)


def test_a_wrong_first_code_adds_nothing(visit, user):
    secret_on(visit.get(f"{PAGE}app/").text)
    answer = visit.post(f"{PAGE}app/", {"code": "000000"})
    assert answer.status_code == 400
    assert "Wrong code" in answer.text
    assert not user.authenticator_set.exists()


def test_a_second_app_is_refused(visit, user):
    with_app(user)
    secret = secret_on(visit.get(f"{PAGE}app/").text)
    answer = visit.post(f"{PAGE}app/", {"code": code_now(secret)})
    assert answer.status_code == 400
    assert user.authenticator_set.filter(type="totp").count() == 1


def test_adding_a_factor_ends_the_other_sessions(visit, user):
    elsewhere = Client()
    enter_password(elsewhere, user)
    secret = secret_on(visit.get(f"{PAGE}app/").text)
    visit.post(f"{PAGE}app/", {"code": code_now(secret)})
    assert elsewhere.get("/orders/").url.startswith("/login/")
    assert visit.get("/orders/").status_code == 200


def test_an_app_is_removed_with_the_recovery_codes(visit, user):
    with_app(user)
    page = f"{PAGE}factors/{app_of(user).pk}/remove/"
    assert visit.get(page).status_code == 200
    assert visit.post(page).url == PAGE
    assert not user.authenticator_set.exists()
    assert events()[-1] == ("factor_removed", "totp")
    assert emails()[-1] == "factor_removed"
    assert enter_password(Client(), user).url == "/orders/"
    assert visit.post(page).status_code == 404


def test_nobody_removes_another_persons_factor(visit):
    other = factories.UserFactory()
    with_app(other)
    assert visit.post(f"{PAGE}factors/{app_of(other).pk}/remove/").status_code == 404
    assert other.authenticator_set.exists()


def test_new_recovery_codes_replace_the_old(visit, user):
    old = with_app(user)
    assert visit.get(f"{PAGE}recovery-codes/").status_code == 200
    answer = visit.post(f"{PAGE}recovery-codes/")
    assert old[0] not in answer.text
    assert answer.text.count("<li>") >= 10
    client = Client()
    enter_password(client, user)
    enter_code(client, old[0])
    assert not is_signed_in(client)
    assert events()[-2][0] == "factor_added"
    assert events()[-2][1] == "recovery_codes"


def test_there_are_no_recovery_codes_without_a_second_factor(visit, user):
    assert visit.post(f"{PAGE}recovery-codes/").status_code == 409
    assert not user.authenticator_set.exists()


CHANGES = ["app/", "passkey/", "recovery-codes/", "factors/0/remove/"]


@pytest.mark.parametrize("part", CHANGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_ten_minutes_after_signing_in_the_password_is_asked_for_again(visit, user, clock, part, method):
    clock.shift(timedelta(minutes=10))
    from_the_page = {"Referer": f"http://testserver{PAGE}{part}"}
    answer = getattr(visit, method)(PAGE + part, headers=from_the_page)
    assert answer.url == f"{PAGE}confirm/?next=%2Faccount%2Fsecurity%2F{part.replace('/', '%2F')}"
    assert visit.post(answer.url, {"password": "wrong", "next": PAGE + part}).status_code == 400
    assert getattr(visit, method)(PAGE + part, headers=from_the_page).url == answer.url
    assert visit.post(answer.url, {"password": "secret", "next": PAGE + part}).url == PAGE + part
    assert visit.get(PAGE + part).status_code in (200, 404)


def test_the_password_is_tried_ten_times_an_hour(visit):
    for _ in range(10):
        assert visit.post(f"{PAGE}confirm/", {"password": "wrong"}).status_code == 400
    assert visit.post(f"{PAGE}confirm/", {"password": "secret"}).status_code == 429
    assert events() == [("sign_in_failed", "confirmation")] * 10


def test_confirming_leads_to_no_other_site(visit):
    answer = visit.post(f"{PAGE}confirm/", {"password": "secret", "next": "https://evil.example/"})
    assert answer.url == "/"


@pytest.mark.parametrize("kind", ["staff", "integrator"])
def test_staff_and_integrators_have_the_page_too(client, kind):
    client.force_login(factories.UserFactory(is_staff=kind == "staff"))
    for part in ("", "app/", "passkey/"):
        assert client.get(PAGE + part).status_code == 200


CLIENT_DATA = '"response": {"clientDataJSON": "e30", '
PUBLIC_KEY = '{"id": "YQ", "rawId": "YQ", "type": "public-key", '
ODD = [
    *("", "{", "[]", "1", "null", '"x"', "{}", '{"id": 1}', f'{PUBLIC_KEY}"response": {{}}}}'),
    f'{PUBLIC_KEY}{CLIENT_DATA}"attestationObject": "oA"}}}}',
    f'{PUBLIC_KEY}{CLIENT_DATA}"authenticatorData": "oA", "signature": "oA", "userHandle": "oA"}}}}',
    f'{PUBLIC_KEY}{CLIENT_DATA}"authenticatorData": "oA", "signature": "oA", "userHandle": 7}}}}',
]


@pytest.mark.parametrize("credential", ODD)
def test_odd_credentials_are_refused(visit, user, credential):
    visit.get(f"{PAGE}passkey/")
    assert visit.post(f"{PAGE}passkey/", {"name": "x", "credential": credential}).status_code == 400
    assert not user.authenticator_set.exists()
    passer_by = Client()
    assert "request_options" in passer_by.get("/login/passkey/", headers={"Accept": "application/json"}).json()
    assert passer_by.post("/login/passkey/", {"credential": credential}).url == "/login/"
    with_app(user)
    half_way = Client()
    enter_password(half_way, user)
    half_way.get("/login/second-step/")
    assert half_way.post("/login/second-step/", {"credential": credential}).status_code == 200
    assert not is_signed_in(half_way)


@pytest.mark.parametrize(
    ("host", "is_told"), [("localhost:8000", False), ("127.0.0.1:8000", True), ("[::1]:8000", True)]
)
def test_who_opens_the_page_by_an_ip_address_is_told_that_passkeys_need_a_name(visit, settings, host, is_told):
    settings.ALLOWED_HOSTS = ["*"]
    assert ("host name" in visit.get(f"{PAGE}passkey/", headers={"Host": host}).text) == is_told
