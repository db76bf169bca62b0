"""Every amount has its currency's own decimals: fed, stored, summed, printed, in words, on pages and in the API."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission

from accounts.models import ApiToken
from billing.models import LedgerEntry
from common.errors import Refused
from common.money import CURRENCIES, currency_name, minor_units
from contracts.documents import files as documents
from contracts.evidence.files import contract_json, orders_json
from contracts.evidence.gathering import gather
from contracts.models import Contract
from contracts.pdf.fonts import missing_characters
from orders.importing import read_row
from orders.models import Order
from tests import factories
from tests.conftest import Api
from tests.orders.sheets import PAID, UNPAID, run, sheet
from tests.reading import pdf_text

NONE = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
THREE = ("BHD", "JOD", "KWD", "LYD", "OMR", "TND")


@pytest.mark.parametrize(("currencies", "decimals"), [(NONE, 0), (THREE, 3), (("CNY", "USD", "EUR", "HKD"), 2)])
def test_decimals_of_currencies(currencies, decimals):
    assert {currency: minor_units(currency) for currency in currencies} == dict.fromkeys(currencies, decimals)


@pytest.mark.parametrize("currency", ["DEM", "HRK", "ZWL", "CLF", "XAU", "XXX", "usd", ""])
def test_currencies_of_the_past_and_other_units_are_not_accepted(currency):
    assert currency not in CURRENCIES


def test_currencies_in_use_are_accepted():
    assert {*NONE, *THREE, "CNY", "EUR", "GBP", "HKD", "MOP", "SGD", "TWD", "USD", "XCG", "ZWG"} <= CURRENCIES


def test_documents_can_print_the_name_of_every_currency():
    names = {currency_name(currency, language) for currency in CURRENCIES for language in ("en", "zh-hans")}
    assert not missing_characters("".join(names))
    assert {currency_name("TND", "en"), currency_name("TND", "zh-hans")} == {"Tunisian Dinars", "突尼斯第纳尔"}


def faults(row: dict[str, str]) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        read_row(row)
    return [(fault.pointer, fault.detail) for fault in caught.value.faults]


def priced(row: dict[str, str], currency: str, amount: str) -> dict[str, str]:
    paid = amount if row["status"] == "paid" else "0"
    return row | {"currency": currency, "list_amount": amount, "payable_amount": amount, "paid_amount": paid}


@pytest.mark.parametrize("currency", THREE)
def test_an_order_may_have_three_decimals(currency):
    assert read_row(priced(PAID, currency, "10.125")).facts["payable_amount"] == Decimal("10.125")
    wrong = "'10.1255' has more than 3 decimals."
    assert faults(priced(PAID, currency, "10.1255")) == [("/list_amount", wrong), ("/payable_amount", wrong)]


@pytest.mark.parametrize("currency", NONE)
def test_an_order_may_have_no_decimals(currency):
    assert read_row(priced(PAID, currency, "1000")).facts["payable_amount"] == 1000
    assert read_row(priced(PAID, currency, "1000.00")).facts["payable_amount"] == 1000
    wrong = f"{currency} has no decimals."
    assert faults(priced(PAID, currency, "1000.50")) == [("/list_amount", wrong), ("/payable_amount", wrong)]


@pytest.mark.parametrize(("currency", "amount"), [("CNY", "1.500"), ("JPY", "1.000")])
def test_a_point_between_thousands_is_not_read_as_decimals(currency, amount):
    assert {pointer for pointer, _ in faults(priced(UNPAID, currency, amount))} == {"/list_amount", "/payable_amount"}


@pytest.fixture
def integrator(db) -> Api:
    user = factories.UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="integrate"))
    api = Api()
    api.client.defaults["HTTP_AUTHORIZATION"] = f"Token {ApiToken.for_integrator(user)[1]}"
    return api


@pytest.mark.parametrize(
    ("currency", "amount", "total", "figure", "words"),
    [
        ("KWD", "10.125", "20.250", "KWD 20.250", "Kuwaiti Dinars Twenty and 250/1000"),
        ("JPY", "1000", "2000", "JPY 2,000", "Japanese Yen Two Thousand"),
        ("CNY", "10.10", "20.20", "CNY 20.20", "Chinese Yuan Twenty and 20/100"),
    ],
)
@pytest.mark.usefixtures("clock")
def test_from_the_feed_to_the_document(membership, integrator, client, currency, amount, total, figure, words):
    row = priced(PAID, currency, amount) | {"account": membership.account.number}
    given = {name: value or None for name, value in row.items()} | {"configuration": ""}
    numbers = ["FO1", "FO2"]
    fed = integrator.post("orders/import/", {"orders": [given | {"number": number} for number in numbers]})
    assert [result["outcome"] for result in fed.json()["results"]] == ["created", "created"], fed.json()
    read = integrator.get("orders/FO1/").json()
    assert (read["list_amount"], read["payable_amount"]) == (amount, amount)
    assert read["unpaid_amount"] == {"KWD": "0.000", "JPY": "0", "CNY": "0.00"}[currency]
    again = integrator.client.put("/api/v1/orders/FO1/", read, content_type="application/json")
    assert again.json() == read
    Order.objects.update(product=factories.ProductFactory())

    made = Api(membership).apply("order", *numbers).json()
    assert (made["total_amount"], made["currency"]) == (total, currency)
    contract = Contract.objects.get()
    assert [line.snapshot["payable_amount"] for line in contract.lines.all()] == [amount, amount]
    text = pdf_text(documents.read(documents.current(contract)))
    assert figure in text
    assert words in text
    client.force_login(membership.user)
    assert figure in client.get(f"/contracts/{contract.number}/").content.decode()
    known = gather(contract, voided_too=False)
    assert json.loads(contract_json(known))["total_amount"] == total
    assert json.loads(orders_json(known))["orders"][0]["list_amount"] == amount


@pytest.mark.usefixtures("clock")
def test_a_file_of_dinars_and_yen(db, tmp_path: Path):
    account = factories.AccountFactory(number=UNPAID["account"])
    rows = [priced(UNPAID, "KWD", "10.125") | {"number": "A"}, priced(UNPAID, "JPY", "1000") | {"number": "B"}]
    run(sheet(tmp_path, *rows))
    amounts = dict(account.orders.values_list("number", "payable_amount"))
    assert amounts == {"A": Decimal("10.125"), "B": Decimal(1000)}


def test_the_balance_has_the_decimals_of_its_currency(membership):
    account = membership.account
    account.currency = "KWD"
    account.save()
    LedgerEntry.objects.create(account=account, amount=Decimal("10.125"), booked_at=account.created_at)
    assert Api(membership).get("account/").json()["balance"] == "10.125"


@pytest.mark.usefixtures("issuer")
def test_the_largest_amounts_have_one_total_everywhere():
    actor = factories.member()
    amounts = [Decimal("9999999999999.99"), Decimal("1.00"), Decimal("9999999999999.99")]
    orders = [
        factories.PaidOrderFactory(account=actor.account, list_amount=amount, payable_amount=amount)
        for amount in amounts
    ]
    api = Api(factories.MembershipFactory(account=actor.account))
    made = api.apply("order", *orders).json()
    assert made["total_amount"] == "20000000000000.98"
    assert api.get(f"contracts/{made['number']}/").json()["total_amount"] == "20000000000000.98"
    text = pdf_text(documents.read(documents.current(Contract.objects.get())))
    assert "CNY 20,000,000,000,000.98" in text
