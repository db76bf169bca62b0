"""The search of contracts: parts of what a contract says, the same on both databases, by index on PostgreSQL (R17)."""

import pytest
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access.actors import actor_of
from contracts import services, trigrams
from contracts.models import Contract, ContractSearch
from contracts.models.search import fold, search_condition
from tests.contracts.pages.conftest import draft, stranger, visit
from tests.factories import PaidOrderFactory, ProductFactory

__all__ = ["draft", "stranger", "visit"]
pytestmark = [pytest.mark.django_db, pytest.mark.rule("R17"), pytest.mark.usefixtures("clock")]


def found(membership, text: str) -> list[str]:
    return [*Contract.objects.of(membership.account).search(text).values_list("number", flat=True)]


@pytest.fixture
def contract(membership, issuer) -> Contract:
    product = ProductFactory(code="disk-ssd_2", name="云盘 Cloud Disk SSD")
    orders = [
        PaidOrderFactory(account=membership.account, product=product, number=n) for n in ("FO-2026-0042", "采购/7")
    ]
    return services.apply_for_contract(
        type="order",
        order_numbers=[order.number for order in orders],
        remarks="Ｂudget 2026：市场部 (Q3)",
        po_number="PO-88/A",
        by=actor_of(membership, "page"),
    )


PARTS = {
    "remarks": ["budget", "BUDGET 2026", "udge", "市场", "市", "场部", "(q3)", "q3", "2026:市"],
    "PO number": ["PO-88", "po88", "88/a", "88"],
    "product name": ["云盘", "盘", "cloud disk", "loud", "云盘 cloud"],
    "product code": ["disk-ssd", "ssd_2", "disk ssd"],
    "order number": ["FO-2026-0042", "fo20260042", "26-0042", "0042", "采购/7", "采购"],
    "Party A": ["云杉数据", "云杉", "杉"],
}


@pytest.mark.parametrize("text", [text for texts in PARTS.values() for text in texts])
def test_a_part_of_it_is_found(membership, contract, draft, text):
    others = {draft().number} if text in PARTS["Party A"] else set()
    assert set(found(membership, text)) == {contract.number, *others}


@pytest.mark.parametrize("part", [slice(None), slice(0, 5), slice(3, 9), slice(-4, None)])
def test_a_part_of_its_number(membership, contract, part):
    assert found(membership, contract.number[part].lower()) == [contract.number]


@pytest.mark.parametrize("text", ["budgie", "市部", "盘云", "udgetx", "zz", "鑫", "%", "_", "\\", "a%b", "---"])
def test_what_it_does_not_say_is_not_found(membership, contract, text):
    assert found(membership, text) == []


def test_a_letters_code_is_never_mistaken_for_text(membership, contract):
    code = fold("盘")[1:]
    assert found(membership, code) == found(membership, code[:3]) == found(membership, code[1:]) == []


def test_nothing_typed_is_no_search(membership, contract):
    assert found(membership, " ") == [contract.number]


def test_one_or_two_letters_are_found_at_the_beginning_of_words(membership, contract):
    assert found(membership, "cl") == found(membership, "ss") == [contract.number]
    assert found(membership, "ou") == []


def test_edited_remarks_are_found_and_the_old_ones_are_not(membership, contract):
    services.edit_remarks(contract=contract, remarks="Travel 差旅", by=actor_of(membership, "page"))
    assert found(membership, "差旅") == found(membership, "rave") == found(membership, "cloud") == [contract.number]
    assert found(membership, "budget") == []


def test_a_renamed_product_is_found_by_the_contracts_own_words(membership, contract):
    order = contract.lines.first().order
    order.product.name = "Block Storage"
    order.product.save()
    services.edit_remarks(contract=contract, remarks="x", by=actor_of(membership, "page"))
    assert (found(membership, "cloud disk"), found(membership, "block")) == ([contract.number], [])


@pytest.mark.rule("R26")
def test_strangers_find_nothing(stranger, visit, contract):
    assert contract.number in visit.get("/contracts/?q=budget").text
    assert contract.number not in stranger.get("/contracts/?q=budget").text


def test_page_and_api_find_the_same(visit, api, contract, draft):
    other = draft()
    assert [one["number"] for one in api.get("contracts/", {"q": "云盘"}).json()["results"]] == [contract.number]
    page = visit.get("/contracts/", {"q": "云盘"}).text
    assert contract.number in page
    assert other.number not in page


def test_totals_of_a_whole_page_need_no_query(visit, contract, draft):
    [draft() for _ in range(3)]
    with CaptureQueriesContext(connection) as whole:
        page = visit.get("/contracts/?q=FO")
    searches = [query for query in whole if "contractsearch" in query["sql"]]
    assert len(searches) == 1
    assert (page.context["totals"].count, page.context["totals"].more) == (4, False)
    assert page.context["totals"].sums == [("CNY", sum(one.total_amount for one in Contract.objects.all()))]


def test_totals_are_the_same_with_more_pages(visit, contract, draft):
    [draft() for _ in range(21)]
    totals = visit.get("/contracts/?q=FO").context["totals"]
    assert (totals.count, totals.more) == (22, False)
    assert totals.sums == [("CNY", sum(one.total_amount for one in Contract.objects.all()))]


def test_every_contract_has_its_text(contract, draft):
    draft()
    assert ContractSearch.objects.count() == Contract.objects.count()


@pytest.mark.postgresql
@pytest.mark.parametrize("text", ["udge", "市场", "市", "0042"])
def test_postgresql_can_use_the_index(membership, contract, text):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        plan = ContractSearch.objects.filter(search_condition(text)).explain()
    assert "contract_search_trigrams" in plan


@pytest.mark.postgresql
def test_migrate_says_plainly_that_the_extension_is_missing(monkeypatch):
    monkeypatch.setattr(trigrams, "CREATE_EXTENSION", "CREATE EXTENSION IF NOT EXISTS no_such_extension")
    with connection.schema_editor() as editor, pytest.raises(CommandError, match="run CREATE EXTENSION pg_trgm"):
        trigrams.create_trigram_index(None, editor)
