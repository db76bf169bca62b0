"""The customer's PO number (R34), and the numbers of invoices, which are no part of the contract."""

import json
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import Account
from common.errors import Refused
from contracts.bulk.tables import contract_sheets
from contracts.documents import files as documents
from contracts.models import Contract, Selection
from contracts.services import apply_for_contract
from contracts.services.convert import convert_to_official
from orders.exporting import ORDERS
from orders.models import Order
from tests import factories
from tests.api.conformance import problem
from tests.conftest import Api
from tests.contracts.pages.conftest import signed_in
from tests.contracts.pages.test_confirming import DETAILS
from tests.contracts.pdf.reading import needs_poppler, pages_of_text, squeezed
from tests.contracts.test_contract_json import from_rows

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R34")]
PO_NUMBER = "PO-2026/11 第 4 批"
SETTINGS = "/account/settings/"


@pytest.fixture
def account(membership):
    return membership.account


@pytest.fixture
def visit(membership, issuer):
    return signed_in(membership)


@pytest.fixture
def order(account):
    return factories.PaidOrderFactory(account=account)


def require(account: Account) -> None:
    account.po_number_required = True
    account.save()


def drafted(membership, **given) -> Contract:
    order = factories.PaidOrderFactory(account=membership.account)
    return apply_for_contract(type="order", order_numbers=[order.number], by=actor_of(membership, "page"), **given)


def test_the_number_is_given_by_api_and_found_again(api, account, order):
    contract = api.apply("order", order, po_number=f"  {PO_NUMBER} ").json()
    assert contract["po_number"] == PO_NUMBER
    other = api.apply("order", factories.PaidOrderFactory(account=account)).json()
    assert other["po_number"] == ""
    for part in ("po-2026", "第 4 批"):
        results = api.get("contracts/", {"q": part}).json()["results"]
        assert [row["number"] for row in results] == [contract["number"]]


def test_a_number_that_is_too_long_is_refused(api, order):
    body = problem(api.apply("order", order, po_number="P" * 65), 400, "invalid")
    assert [error["pointer"] for error in body["errors"]] == ["/po_number"]


@pytest.mark.rule("R28")
def test_a_number_that_cannot_be_printed_is_refused(api, order):
    body = problem(api.apply("order", order, po_number="PO 🚀"), 400, "unprintable_characters")
    assert [error["pointer"] for error in body["errors"]] == ["/po_number"]


def test_an_account_can_require_it(api, account, order):
    require(account)
    for given in ({}, {"po_number": " "}):
        body = problem(api.apply("order", order, **given), 400, "po_number_required")
        assert [error["pointer"] for error in body["errors"]] == ["/po_number"]
    assert not Contract.objects.exists()
    assert api.apply("order", order, po_number="PO-1").status_code == 201


def test_owners_require_it_by_api(api, account):
    answer = api.patch("account/", {"po_number_required": True})
    assert (answer.status_code, answer.json()["po_number_required"]) == (200, True)
    assert api.get("account/").json()["po_number_required"] is True
    finance = Api(factories.MembershipFactory(account=account, role="finance"))
    refused = finance.patch("account/", {"po_number_required": False})
    problem(refused, 403, "permission_denied")
    assert Account.objects.get(pk=account.pk).po_number_required


def test_owners_require_it_on_the_settings_page(visit, account):
    assert visit.post(SETTINGS, {"po_number_required": "on", "document_language": "both"}).status_code == 302
    account.refresh_from_db()
    assert (account.po_number_required, account.document_language) == (True, "both")
    visit.post(SETTINGS, {"document_language": "both"})
    assert not Account.objects.get(pk=account.pk).po_number_required
    viewer = signed_in(factories.MembershipFactory(account=account, role="viewer"))
    assert viewer.post(SETTINGS, {"po_number_required": "on"}).status_code == 403


def test_the_confirm_page_asks_for_it(visit, membership, account, order):
    selection = Selection.objects.create(
        account=account, user=membership.user, type="order", order_numbers=[order.number]
    )
    page = f"/contracts/apply/order/confirm/?selection={selection.pk}"
    require(account)
    refused = visit.post(page, DETAILS)
    assert (refused.status_code, Contract.objects.count()) == (400, 0)
    assert 'aria-invalid="true"' in refused.text
    assert visit.post(page, {**DETAILS, "po_number": PO_NUMBER}).status_code == 302
    assert Contract.objects.get().po_number == PO_NUMBER


def test_list_and_detail_show_it(visit, membership):
    contract = drafted(membership, po_number=PO_NUMBER)
    for path in ("/contracts/", "/contracts/?q=PO-2026", f"/contracts/{contract.number}/"):
        assert PO_NUMBER in visit.get(path).text
    assert PO_NUMBER not in visit.get("/contracts/?q=PO-2027&since=").text.split("<table")[-1]


@needs_poppler
def test_it_is_printed_in_the_head_and_is_part_of_contract_json(membership, tmp_path):
    contract = drafted(membership, po_number=PO_NUMBER)
    head = squeezed(pages_of_text(documents.read(documents.current(contract)), tmp_path)[0]).split("PartyA")[0]
    assert squeezed(PO_NUMBER) in head
    assert json.loads(from_rows(contract))["po_number"] == PO_NUMBER
    assert "po_number" not in json.loads(from_rows(drafted(membership)))


def test_invoice_numbers_are_shown_beside_the_contract_and_never_in_it(api, visit, membership):
    contract = drafted(membership)
    before = from_rows(contract)
    contract = convert_to_official(contract=contract, by=actor_of(membership, "page"))
    assert api.get(f"contracts/{contract.number}/").json()["invoice_numbers"] == []
    Order.objects.update(invoice_numbers=["25310000001", "25310000002"])
    shown = api.get(f"contracts/{contract.number}/").json()
    assert shown["invoice_numbers"] == ["25310000001", "25310000002"]
    assert api.get("contracts/").json()["results"] == [shown]
    assert "25310000002" in visit.get(f"/contracts/{contract.number}/").text
    assert from_rows(contract) == before


def test_the_service_refuses_what_the_page_lets_through(membership):
    require(membership.account)
    with pytest.raises(Refused) as refused:
        drafted(membership)
    assert refused.value.code == "po_number_required"


@pytest.mark.rule("R35")
def test_exports_hold_number_and_tax(membership):
    tax = {"unit": "GB", "tax_rate": Decimal("8.8750"), "tax_amount": Decimal("88.08")}
    order = factories.PaidOrderFactory(
        account=membership.account, invoice_numbers=["A-1", "A-2"], metadata={"key": "值"}, **tax
    )
    by = actor_of(membership, "page")
    apply_for_contract(type="order", order_numbers=[order.number], po_number=PO_NUMBER, by=by)
    sheets = contract_sheets(Contract.objects.with_facts_at(timezone.now()).order_by("pk"))
    contracts, lines = (dict(zip(sheet.columns, next(iter(sheet.rows)), strict=True)) for sheet in sheets)
    assert contracts["PO number"] == PO_NUMBER
    assert (lines["Unit"], lines["Tax rate"], lines["Tax amount"]) == ("GB", Decimal("8.875"), Decimal("88.08"))
    [orders] = ORDERS.tables(membership.account, {}, timezone.now(), "csv")
    row = dict(zip(orders.columns, next(iter(orders.rows)), strict=True))
    assert (str(row["Tax rate"]), row["Invoice numbers"], row["Metadata"]) == ("8.875", "A-1, A-2", '{"key": "值"}')
