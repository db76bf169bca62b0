"""A sample contract of any version, before customers see one."""

import pytest

from accounts.models import Account
from contracts.admin.previews import preview_clauses, preview_issuer
from contracts.models import Clause, Contract, ContractDocument
from contracts.services.publishing import prepare_clauses, prepare_issuer
from orders.models import Order
from tests.contracts.back_office.legal import CLAUSES, ISSUER, client_of, holder_of, in_force, legal, member_of
from tests.factories import UserFactory
from tests.reading import pdf_text

pytestmark = pytest.mark.django_db
LANGUAGES = ["en", "zh-hans", "both"]


@pytest.fixture
def clauses(issuer):
    version = prepare_clauses(type="order", by=legal())
    Clause.objects.filter(version=version, position=1).update(text_en="Sample words.", text_zh="示例文字。")
    return version


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_prints_the_version_asked_for_in_the_language_asked_for(clauses, language):
    text = pdf_text(preview_clauses(clauses, language))
    assert ("Sample words." in text) == (language != "zh-hans")
    assert ("示例文字。" in text) == (language != "en")
    assert "Sample words." not in pdf_text(preview_clauses(in_force(), language))


@pytest.mark.parametrize("type_", ["order", "payment_request"])
def test_a_version_of_the_issuer_is_party_b_of_both_types(issuer, type_):
    version = prepare_issuer(by=legal())
    version.phone, version.payee_account = "+1 555 0100", "6222 0000"
    version.save()
    text = pdf_text(preview_issuer(version, type_, "both"))
    assert "+1 555 0100" in text
    assert ("6222 0000" in text) == (type_ == "payment_request")
    assert ("Payment Request Contract" in text) == (type_ == "payment_request")


def test_it_is_always_the_same_file_and_leaves_nothing_behind(clauses):
    assert preview_clauses(clauses, "both") == preview_clauses(clauses, "both")
    for model in (Contract, ContractDocument, Order, Account):
        assert not model.objects.exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_opens_in_the_browser_and_stays_nowhere(clauses, language):
    page = member_of("Auditor").get(f"{CLAUSES}/{clauses.pk}/preview/order/{language}/")
    assert page["Content-Type"] == "application/pdf"
    assert page["Content-Disposition"].startswith("inline")
    assert {"private", "no-store"} <= set(page["Cache-Control"].split(", "))
    assert page.content == preview_clauses(clauses, language)


def test_its_pages_are_pictures_too(clauses):
    client = member_of("Legal")
    address = f"{CLAUSES}/{clauses.pk}/preview/order/both"
    page = client.get(f"{address}/1.png")
    assert (page["Content-Type"], page.content[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    assert {"private", "no-store"} <= set(page["Cache-Control"].split(", "))
    for missing in ("0.png", "99.png"):
        assert client.get(f"{address}/{missing}").status_code == 404


@pytest.mark.parametrize("rest", ["order/fr/", "payment_request/en/", "lease/en/"])
def test_no_other_type_or_language(clauses, rest):
    assert member_of("Legal").get(f"{CLAUSES}/{clauses.pk}/preview/{rest}").status_code == 404


def test_only_for_those_who_may_read_it(clauses, issuer):
    addresses = [
        f"{CLAUSES}/{clauses.pk}/preview/order/en/",
        f"{CLAUSES}/{clauses.pk}/preview/order/en/1.png",
        f"{ISSUER}/{issuer.pk}/preview/order/en/",
    ]
    for address in addresses:
        assert holder_of("view_order").get(address).status_code == 403
        assert client_of(UserFactory()).get(address).status_code == 302
