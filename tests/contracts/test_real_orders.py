"""From a file of real orders to sealed contracts that other people's tools call valid."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import Account
from contracts import sealing
from contracts.documents import files as documents
from contracts.models import Contract
from orders.models import Order
from tests.conftest import Api
from tests.factories import AccountFactory, MembershipFactory, PartyProfileFactory
from tests.reading import pdf_text, run_on

pytestmark = pytest.mark.django_db
FILE = Path(__file__).resolve().parents[1] / "data" / "orders.csv"


@pytest.fixture
def account(issuer, clock) -> Account:
    account = PartyProfileFactory(account__number="10000001").account
    AccountFactory(number="10000002")
    call_command("import_orders", str(FILE), support_new_products=True, verbosity=0)
    return account


def orders_of(account, status):
    return list(Order.objects.filter(account=account, status=status).order_by("pk"))


def squeezed(text):
    """Text without white space: a long number may be broken over two lines."""
    return re.sub(r"\s+", "", text)


@pytest.mark.rule("R3")
@pytest.mark.rule("R33")
@pytest.mark.parametrize("language", ["en", "zh-hans", "both"])
@pytest.mark.parametrize(("type_", "status"), [("order", "paid"), ("payment_request", "unpaid")])
def test_a_sealed_contract_over_all_of_them(account, type_, status, language):
    api = Api(MembershipFactory(account=account))
    orders = orders_of(account, status)
    answer = api.apply(type_, *orders, language=language)
    assert answer.status_code == 201, answer.content
    path = f"contracts/{answer.json()['number']}/"
    draft = api.get(path + "document/").content
    official = api.post(path + "convert/")
    assert official.json()["status"] == "official", official.content
    file = api.get(path + "document/").content

    assert file.startswith(draft)
    sealing.validate_seal(file, draft=draft)
    verdict = run_on(file, "pdfsig", "-nocert", "{}")
    assert "Signature is Valid" in verdict
    assert "Total document signed" in verdict

    text = squeezed(pdf_text(file))
    total = sum((order.payable_amount for order in orders), Decimal(0))
    assert len(orders) == {"paid": 85, "unpaid": 44}[status]
    assert [order.number for order in orders if order.number not in text] == []
    assert f"{total:,.2f}" in text
    assert answer.json()["total_amount"] == f"{total:.2f}"


def test_every_font_of_it_is_embedded(account):
    api = Api(MembershipFactory(account=account))
    path = f"contracts/{api.apply('order', *orders_of(account, 'paid')[:3]).json()['number']}/"
    api.post(path + "convert/")
    listed = run_on(api.get(path + "document/").content, "pdffonts", "{}").splitlines()[2:]
    assert listed
    for line in listed:
        assert re.search(r"TrueType\s+\S+\s+yes\s+yes\s+yes", line), line


@pytest.mark.rule("R3")
@pytest.mark.parametrize(("type_", "status"), [("order", "paid"), ("payment-request", "unpaid")])
def test_the_same_by_page(account, client, type_, status):
    client.force_login(MembershipFactory(account=account).user)
    orders = orders_of(account, status)
    numbers = [order.number for order in orders]
    picked = client.post(f"/contracts/apply/{type_}/", {"order_numbers": numbers, "shown": numbers, "next": "1"})
    details = {**account.profile.details(), "language": "both"}
    created = client.post(picked.url, details, follow=True)
    contract = Contract.objects.get()
    assert (created.status_code, contract.order_count) == (200, len(orders))
    assert contract.number in created.text

    client.post(f"/contracts/{contract.number}/convert/", {"consent": "on"})
    file = b"".join(client.get(f"/contracts/{contract.number}/document/"))
    draft = documents.read(contract.documents.get(kind="draft"))
    assert file.startswith(draft)
    sealing.validate_seal(file, draft=draft)
    assert "Signature is Valid" in run_on(file, "pdfsig", "-nocert", "{}")
    text = squeezed(pdf_text(file))
    assert [number for number in numbers if number not in text] == []
    assert f"{contract.total_amount:,.2f}" in text
