"""In which language the confirm page and the API start a contract, and who sets it for an account."""

import re

import pytest
from django.conf import settings

from accounts.access.actors import actor_of
from accounts.models import ApiToken
from accounts.settings import change_settings
from common.errors import Refused
from contracts.models import Contract, Selection
from tests import factories
from tests.conftest import Api
from tests.contracts.pages.conftest import signed_in
from tests.contracts.pages.test_confirming import DETAILS

SETTINGS = "/account/settings/"


@pytest.fixture
def select(membership):
    """Selects a new order of the account and gives the address of the confirm page."""

    def make(user=None) -> str:
        order = factories.PaidOrderFactory(account=membership.account)
        selection = Selection.objects.create(
            account=membership.account, user=user or membership.user, type="order", order_numbers=[order.number]
        )
        return f"/contracts/apply/order/confirm/?selection={selection.pk}"

    return make


def chosen(page) -> str:
    [language] = re.findall(r'<input type="radio" name="language" value="([^"]*)"[^>]* checked', page.text)
    return language


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_first_contract_begins_with_the_language_of_the_page(visit, select, language):
    visit.cookies[settings.LANGUAGE_COOKIE_NAME] = language

    assert chosen(visit.get(select())) == language


def test_the_language_chosen_last_on_the_pages_is_remembered(visit, select):
    visit.post(select(), {**DETAILS, "language": "both"})

    assert chosen(visit.get(select())) == "both"


def test_what_one_member_chose_is_nothing_to_another(visit, membership, select):
    colleague = factories.MembershipFactory(account=membership.account, role="finance")
    visit.post(select(), {**DETAILS, "language": "both"})

    assert chosen(signed_in(colleague).get(select(colleague.user))) == "en"


def test_the_account_s_setting_comes_first(visit, select):
    visit.post(select(), {**DETAILS, "language": "en"})
    visit.post(SETTINGS, {"document_language": "zh-hans"})

    assert chosen(visit.get(select())) == "zh-hans"


def test_a_draft_whose_form_names_no_language_has_the_one_that_the_page_shows(visit, membership, select):
    visit.post(SETTINGS, {"document_language": "both"})

    visit.post(select(), DETAILS)

    assert Contract.objects.get().language == "both"


def test_owners_set_it_and_take_it_away_on_the_settings_page(visit, membership):
    page = visit.get(SETTINGS).text
    assert re.search(r'name="document_language" value=""[^>]* checked', page)

    assert "Settings saved." in visit.post(SETTINGS, {"document_language": "both"}, follow=True).text
    membership.account.refresh_from_db()
    assert membership.account.document_language == "both"

    visit.post(SETTINGS, {"document_language": ""})
    membership.account.refresh_from_db()
    assert membership.account.document_language == ""


@pytest.mark.parametrize("role", ["finance", "viewer"])
def test_others_see_it_and_may_not_set_it(membership, role):
    visit = signed_in(factories.MembershipFactory(account=membership.account, role=role))

    page = visit.get(SETTINGS).text

    assert "Each person chooses" in page
    assert "document_language" not in page
    assert visit.post(SETTINGS, {"document_language": "both"}).status_code == 403
    membership.account.refresh_from_db()
    assert membership.account.document_language == ""


def test_a_language_that_is_none_is_refused(visit, membership):
    assert visit.post(SETTINGS, {"document_language": "fr"}).status_code == 400
    with pytest.raises(Refused, match="language"):
        change_settings(document_language="fr", by=actor_of(membership, "page"))


def test_the_api_reads_and_sets_it(api):
    assert api.get("account/").json()["document_language"] is None

    answer = api.patch("account/", {"document_language": "zh-hans"})

    assert (answer.status_code, answer.json()["document_language"]) == (200, "zh-hans")
    assert api.get("account/").json()["document_language"] == "zh-hans"
    assert api.patch("account/", {"document_language": None}).json()["document_language"] is None


def test_the_api_refuses_what_is_no_language(api):
    answer = api.patch("account/", {"document_language": "fr"})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/document_language")


@pytest.mark.parametrize("role", ["finance", "viewer"])
def test_the_api_lets_owners_alone_set_it(membership, role):
    other = Api(factories.MembershipFactory(account=membership.account, role=role))

    answer = other.patch("account/", {"document_language": "fr"})

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_a_token_that_only_reads_does_not_set_it(membership):
    reader = Api(membership)
    ApiToken.objects.update(scope=ApiToken.Scope.READ)

    assert reader.patch("account/", {"document_language": "both"}).status_code == 403


@pytest.mark.parametrize(("setting", "expected"), [("", "en"), ("both", "both")])
def test_a_call_that_names_no_language_gets_the_account_s_else_english(api, membership, setting, expected):
    membership.account.document_language = setting
    membership.account.save()
    membership.last_document_language = "zh-hans"
    membership.save()
    order = factories.PaidOrderFactory(account=membership.account)

    assert api.apply("order", order.number).json()["language"] == expected
