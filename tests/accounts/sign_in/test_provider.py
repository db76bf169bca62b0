"""Staff sign in at an OpenID Connect provider, here a real one that lets everybody in; what is not sound is refused."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from django.contrib.auth.models import Group, User
from django.test import Client

from accounts.models import Identity, SecurityEvent
from tests import factories
from tests.accounts.sign_in.codes import enter_password, is_signed_in

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of the provider's own
]
EMAIL = "wang@issuer.example"
Provider = Callable[..., str]


@pytest.fixture
def provider(settings, monkeypatch) -> Iterator[Provider]:
    """Starts the provider, with whose issuer the settings agree, and returns its address."""
    from contextlib import ExitStack

    from oidc_provider_mock import run_server_in_thread

    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with ExitStack() as running:

        def run(**given) -> str:
            server = running.enter_context(run_server_in_thread(require_nonce=True, **given))
            settings.OIDC_ISSUER = f"http://localhost:{server.server_port}"
            return settings.OIDC_ISSUER

        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = "contracts", "a secret: of ours"
        settings.OIDC_ALLOWED_DOMAINS = ["issuer.example"]
        yield run


@pytest.fixture
def staff(db) -> User:
    return factories.UserFactory(username="wang", email=EMAIL, is_staff=True)


def claim(issuer: str, subject: str = "s-1", **claims: object) -> None:
    """Tell the provider who the subject is."""
    known = {"email": EMAIL, "email_verified": True, **claims}
    assert requests.put(f"{issuer}/users/{subject}", json=known, timeout=5).status_code == 204


def authorize(
    client: Client,
    subject: str = "s-1",
    *,
    page: str = "/login/provider/staff/",
    change: dict[str, str] | None = None,
    **form: str,
) -> str:
    """Press the button, and agree at the provider; return the address that the provider leads back to."""
    leaving = client.post(page, {"next": "/admin/password_change/", **form}).url
    if change:
        parts = urlsplit(leaving)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        leaving = parts._replace(query=urlencode({**query, **change})).geturl()
    answer = requests.post(leaving, data={"sub": subject}, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def change_jwt(monkeypatch, **changed: object) -> None:
    from oidc_provider_mock._app import OpenIDCode

    sound = OpenIDCode.get_jwt_config
    monkeypatch.setattr(OpenIDCode, "get_jwt_config", lambda *given: {**sound(*given), **changed})


def failures() -> list[str]:
    return list(SecurityEvent.objects.filter(kind="sign_in_failed").order_by("pk").values_list("detail", flat=True))


def is_refused(client: Client, back: str, code: str = "invalid") -> bool:
    answer = client.get(back)
    assert answer.status_code == {"invalid": 400, "permission_denied": 403}[code]
    return not is_signed_in(client) and failures()[-1] == f"provider: {code}"


def test_a_staff_member_signs_in_and_goes_on(provider, staff, client):
    claim(provider())
    back = authorize(client)
    assert client.get(back).url == "/admin/password_change/"
    assert client.session["_auth_user_id"] == str(staff.pk)
    assert SecurityEvent.objects.get(kind="signed_in").detail == "provider"
    assert Identity.objects.get().subject == "s-1"


def test_the_request_carries_state_nonce_and_pkce(provider, client):
    provider()
    query = parse_qs(urlsplit(client.post("/login/provider/staff/").url).query)
    assert query["response_type"] == ["code"]
    assert query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == ["http://127.0.0.1:8000/login/provider/staff/callback/"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(query[name][0]) >= 20


def test_a_code_works_once(provider, staff, client):
    claim(provider())
    back = authorize(client)
    assert client.get(back).status_code == 302
    client.post("/logout/")
    assert is_refused(client, back)


def test_a_code_for_another_browser_is_refused(provider, staff, client):
    claim(provider())
    assert is_refused(Client(), authorize(client))


def test_a_replayed_code_with_a_fresh_state_is_refused(provider, staff, client):
    claim(provider())
    used = parse_qs(urlsplit(authorize(client)).query)["code"][0]
    victim = Client()
    victim.get(authorize(victim))
    state = parse_qs(urlsplit(client.post("/login/provider/staff/").url).query)["state"][0]
    client.get(f"/login/provider/staff/callback/?code={used}&state={state}")  # this nonce is another one
    assert not is_signed_in(client)


def test_a_wrong_nonce_is_refused(provider, staff, client):
    claim(provider())
    assert is_refused(client, authorize(client, change={"nonce": "another-nonce-of-someone"}))


def test_a_wrong_state_is_refused(provider, staff, client):
    claim(provider())
    assert is_refused(client, authorize(client, change={"state": "another"}))


def test_a_token_for_another_audience_is_refused(provider, staff, client, monkeypatch):
    claim(provider())
    change_jwt(monkeypatch, aud=["another"])
    assert is_refused(client, authorize(client))


def test_an_expired_token_is_refused(provider, staff, client):
    claim(provider(access_token_max_age=timedelta(seconds=-60)))
    assert is_refused(client, authorize(client))


def test_a_token_of_another_issuer_is_refused(provider, staff, client, monkeypatch):
    claim(provider())
    change_jwt(monkeypatch, iss="https://evil.example")
    assert is_refused(client, authorize(client))


def test_a_token_signed_by_the_shared_secret_is_refused(provider, staff, client, monkeypatch):
    claim(provider())
    change_jwt(monkeypatch, alg="HS256", key={"kty": "oct", "k": "YSBzZWNyZXQ6IG9mIG91cnMgdGhhdCBpcyBsb25n"})
    assert is_refused(client, authorize(client))


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email_verified": None}, {"email": None}])
def test_an_unverified_address_is_refused(provider, staff, client, claims):
    claim(provider(), **claims)
    assert is_refused(client, authorize(client), "permission_denied")


def test_an_address_of_another_domain_is_refused(provider, client):
    factories.UserFactory(email="wang@evil.example", is_staff=True)
    claim(provider(), email="wang@evil.example")
    assert is_refused(client, authorize(client), "permission_denied")


@pytest.mark.parametrize("fields", [{"is_active": False}, {"is_staff": False}])
def test_a_deprovisioned_user_is_refused(provider, staff, client, fields):
    claim(provider())
    client.get(authorize(client))
    client.post("/logout/")
    User.objects.filter(pk=staff.pk).update(**fields)
    assert is_refused(client, authorize(client), "permission_denied")


def test_a_user_that_the_provider_does_not_let_in_is_refused(provider, staff, client):
    provider()
    leaving = client.post("/login/provider/staff/").url
    answer = requests.post(leaving, data={"action": "deny"}, allow_redirects=False, timeout=5)
    back = urlsplit(answer.headers["Location"])
    assert is_refused(client, f"/login/provider/staff/callback/?{back.query}")


def test_nobody_without_a_staff_user_gets_in(provider, client):
    claim(provider())
    factories.UserFactory(email=EMAIL)
    assert is_refused(client, authorize(client), "permission_denied")


def test_two_users_with_one_address_are_refused(provider, staff, client):
    claim(provider())
    factories.UserFactory(email=EMAIL.upper(), is_staff=True)
    assert is_refused(client, authorize(client), "permission_denied")


def test_a_subject_stays_with_its_user_and_an_address_with_its_subject(provider, staff, client):
    issuer = provider()
    claim(issuer)
    client.get(authorize(client))
    assert is_refused(Client(), "/login/provider/staff/callback/?code=x&state=y")
    other = Client()
    claim(issuer, "s-2")
    assert is_refused(other, authorize(other, "s-2"), "permission_denied")
    User.objects.filter(pk=staff.pk).update(email="wang.new@issuer.example")
    claim(issuer, email="wang.new@issuer.example")
    again = Client()
    again.get(authorize(again))
    assert again.session["_auth_user_id"] == str(staff.pk)


@pytest.fixture
def roles(settings) -> None:
    settings.OIDC_ROLES = {"finance-team": "Finance", "legal-team": "Legal"}


def test_groups_decide_the_roles_and_create_the_user(provider, roles, client):
    issuer = provider()
    claim(issuer, groups=["finance-team", "all"])
    client.get(authorize(client))
    user = User.objects.get(username=EMAIL)
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (True, False, False)
    user.groups.add(Group.objects.get(name="Auditor"))
    assert SecurityEvent.objects.filter(kind="role_changed", about=user).get().detail == "provider: Finance"
    claim(issuer, groups=["legal-team"])
    again = Client()
    again.get(authorize(again))
    assert set(user.groups.values_list("name", flat=True)) == {"Legal", "Auditor"}


@pytest.mark.parametrize("groups", [[], ["all"], "finance-team", None, 7, [["finance-team"]]])
def test_who_is_in_no_group_is_refused(provider, roles, staff, client, groups):
    claim(provider(), groups=groups)
    assert is_refused(client, authorize(client), "permission_denied")


def test_a_user_name_that_is_taken_is_not_taken_over(provider, roles, client):
    factories.UserFactory(username=EMAIL)
    claim(provider(), groups=["finance-team"])
    assert is_refused(client, authorize(client), "permission_denied")


@pytest.mark.parametrize(("amr", "status"), [(["pwd", "mfa"], 200), (["pwd"], 302), (None, 302)])
def test_a_second_factor_counts_if_the_provider_says_so(provider, staff, client, settings, amr, status):
    settings.STAFF_MFA_REQUIRED = True
    claim(provider(), **({"amr": amr} if amr else {}))
    client.get(authorize(client))
    assert is_signed_in(client)
    assert client.get("/admin/").status_code == status


def test_a_provider_that_does_not_answer_leaves_the_password(provider, staff, client, settings):
    settings.OIDC_ISSUER = "http://localhost:1"
    assert client.post("/login/provider/staff/").url == "/login/"
    assert "does not answer" in client.get("/login/").text
    assert enter_password(client, staff).status_code == 302


def test_without_the_setting_there_is_no_such_way(client, staff):
    assert client.post("/login/provider/staff/").status_code == 404
    assert client.get("/login/provider/staff/callback/").status_code == 404
    assert "Single sign-on for staff" not in client.get("/login/").text


def test_the_button_is_on_both_pages(provider, client):
    provider()
    for page in ("/login/", "/admin/login/"):
        assert "Single sign-on for staff" in client.get(page).text


def test_it_leads_to_no_other_site(provider, staff, client):
    claim(provider())
    assert client.get(authorize(client, next="https://evil.example/")).url == "/"


def test_only_sixty_attempts_a_minute_are_begun(provider, client):
    provider()
    answers = [client.post("/login/provider/staff/").status_code for _ in range(61)]
    assert answers == [302] * 60 + [429]
