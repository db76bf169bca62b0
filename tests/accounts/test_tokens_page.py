"""API tokens on the account's page: made, shown once, revoked (R26)."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts.access import tokens
from accounts.access.actors import actor_of
from accounts.models import ApiToken
from common.errors import Refused
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R26")]
PAGE = "/account/tokens/"


def signed_in(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def create(client, **wishes):
    """The answer, and the secret that it shows."""
    answer = client.post(f"{PAGE}create/", {"name": "procurement", "scope": "apply", "days": "365", **wishes})
    found = re.search(r'class="code secret"[^>]*>(\w+)<', answer.text)
    return answer, found and found[1]


def key_of(secret):
    return ApiToken.objects.get(token_key=secret[:15]).token_key


def works(secret):
    return Client(headers={"Authorization": f"Token {secret}"}).get("/api/v1/account/").status_code == 200


@pytest.fixture
def finance(membership):
    return factories.MembershipFactory(account=membership.account, role="finance")


def test_the_secret_works_and_is_shown_this_once(membership):
    visit = signed_in(membership)

    answer, secret = create(visit)

    assert "no-store" in answer["Cache-Control"]
    assert works(secret)
    text = visit.get(PAGE).text
    assert secret[:8] in text
    assert secret not in text


def test_it_is_made_by_posting_alone(membership):
    answer = signed_in(membership).get(f"{PAGE}create/")
    assert (answer.status_code, ApiToken.objects.count()) == (200, 0)


@pytest.mark.parametrize("wishes", [{"name": ""}, {"name": "n" * 61}, {"scope": "integrate"}, {"days": "7"}])
def test_what_nobody_may_wish_for_makes_none(membership, wishes):
    answer, secret = create(signed_in(membership), **wishes)
    assert (answer.status_code, secret) == (400, None)
    assert not ApiToken.objects.exists()


def test_a_token_that_may_only_read_changes_nothing(membership, issuer):
    secret = create(signed_in(membership), scope="read")[1]
    client = Client(headers={"Authorization": f"Token {secret}"})
    number = factories.draft(actor_of(membership, "page")).number
    assert client.get(f"/api/v1/contracts/{number}/").json()["actions"] == ["preview", "download"]
    assert client.post(f"/api/v1/contracts/{number}/convert/").status_code == 403


def test_a_token_works_until_it_expires(membership, clock):
    secret = create(signed_in(membership), days="90")[1]
    lasting = create(signed_in(membership), days="0")[1]
    clock.shift(timedelta(days=90) - timedelta(seconds=1))
    assert works(secret)
    clock.shift(timedelta(seconds=2))
    assert not works(secret)
    assert works(lasting)


def test_one_that_has_expired_is_still_listed_so_that_its_people_see_why_a_program_fails(membership, clock):
    visit = signed_in(membership)
    secret = create(visit, days="90")[1]
    lasting = create(visit, days="0")[1]
    clock.shift(timedelta(days=91))
    assert works(lasting)
    assert not works(secret)
    row = visit.get(PAGE).text.partition(secret[:8])[2]
    assert "2027-02-20" in row


def test_the_list_says_when_it_was_last_used(membership, clock):
    visit = signed_in(membership)
    secret = create(visit)[1]
    assert "never" in visit.get(PAGE).text
    assert works(secret)
    assert "2026-11-22 12:00" in visit.get(PAGE).text
    first = ApiToken.objects.get().last_used_at
    clock.shift(timedelta(seconds=59))
    assert works(secret)
    assert ApiToken.objects.get().last_used_at == first
    clock.shift(timedelta(seconds=1))
    assert works(secret)
    assert ApiToken.objects.get().last_used_at == first + timedelta(minutes=1)


def test_a_revoked_token_works_no_more(membership):
    visit = signed_in(membership)
    secret = create(visit)[1]
    key = key_of(secret)

    assert "stop working immediately" in visit.get(f"{PAGE}{key}/revoke/").text
    assert works(secret)
    assert f"{key[:8]}… was revoked" in visit.post(f"{PAGE}{key}/revoke/", follow=True).text
    assert not works(secret)
    assert visit.get(f"{PAGE}{key}/revoke/").status_code == 404


@pytest.mark.parametrize("key", ["000000000000000", "nothing"])
def test_revoking_a_token_that_is_not_there_says_so(membership, key):
    kept = create(signed_in(membership))[1]
    answer = signed_in(membership).post(f"{PAGE}{key}/revoke/")
    assert answer.status_code == 404
    assert f"No API token begins with {key[:8]}. It may have been revoked." in answer.text
    assert works(kept)


def test_an_owner_sees_and_revokes_those_of_all_members(membership, finance):
    secret = create(signed_in(finance))[1]
    owner = signed_in(membership)

    assert secret[:8] in owner.get(PAGE).text
    assert finance.user.username in owner.get(PAGE).text
    owner.post(f"{PAGE}{key_of(secret)}/revoke/")
    assert not works(secret)


def test_a_finance_member_sees_and_revokes_their_own_alone(membership, finance):
    owners = create(signed_in(membership))[1]
    visit = signed_in(finance)
    own = create(visit)[1]

    assert own[:8] in visit.get(PAGE).text
    assert owners[:8] not in visit.get(PAGE).text
    assert visit.get(f"{PAGE}{key_of(owners)}/revoke/").status_code == 404
    visit.post(f"{PAGE}{key_of(owners)}/revoke/")
    assert works(owners)


def test_a_viewer_makes_and_revokes_none(membership):
    viewing = factories.MembershipFactory(account=membership.account, role="viewer")
    token, secret = ApiToken.for_member(viewing)
    viewer = signed_in(viewing)

    assert secret[:8] in viewer.get(PAGE).text
    assert "Create a token" not in viewer.get(PAGE).text
    assert create(viewer)[0].status_code == 403
    assert viewer.post(f"{PAGE}{token.token_key}/revoke/").status_code == 403
    assert works(secret)


def test_another_accounts_token_is_not_found_and_stays(membership):
    foreign, secret = ApiToken.for_member(factories.MembershipFactory())
    visit = signed_in(membership)

    assert secret[:8] not in visit.get(PAGE).text
    assert visit.get(f"{PAGE}{foreign.token_key}/revoke/").status_code == 404
    visit.post(f"{PAGE}{foreign.token_key}/revoke/")
    assert works(secret)
    with pytest.raises(Refused, match="No API token"):
        tokens.revoke_token(key=foreign.token_key, by=actor_of(membership, "page"))


def test_tokens_without_end_are_refused(membership, monkeypatch):
    monkeypatch.setattr(tokens, "MAX_TOKENS", 1)
    actor = actor_of(membership, "page")
    tokens.create_token(name="first", by=actor)

    with pytest.raises(Refused, match="Revoke one first"):
        tokens.create_token(name="second", by=actor)
    assert ApiToken.objects.count() == 1


def test_those_that_have_expired_take_no_room(membership, clock, monkeypatch):
    monkeypatch.setattr(tokens, "MAX_TOKENS", 1)
    actor = actor_of(membership, "page")
    tokens.create_token(name="first", expires_in=timedelta(days=90), by=actor)
    clock.shift(timedelta(days=91))
    tokens.create_token(name="second", by=actor)
    assert ApiToken.objects.count() == 2


def test_the_list_takes_the_same_few_statements_whatever_it_shows(membership, django_assert_max_num_queries):
    for _ in range(10):
        ApiToken.for_member(membership)
    visit = signed_in(membership)

    with django_assert_max_num_queries(4):
        visit.get(PAGE)
