"""Whatever way people type a number, page and API find what is there."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.emails import CERTIFICATION_APPROVED
from billing.models import LedgerEntry
from contracts import services
from contracts.documents.snapshots import printed_code
from emails.models import Notice
from orders.models import Order
from tests import factories
from tests.contracts.back_office.legal import superuser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
WAYS = ["FOUP-77", "foup-77", " FoUp 77 ", "foup77", "ＦＯＵＰ－７７", "foup–77", "FOUP\u200b-77"]


@pytest.fixture
def visit(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@pytest.fixture
def order(membership):
    return factories.PaidOrderFactory(account=membership.account, number="FOUP-77")


@pytest.fixture
def contract(membership, api, order):
    return api.apply("order", order).json()["number"]


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) for c in text)


@pytest.mark.rule("R17")
def test_the_contracts_of_an_order(visit, api, contract, subtests):
    office = superuser()
    for typed in WAYS:
        with subtests.test(ascii(typed)):
            assert f"/contracts/{contract}/" in visit.get("/contracts/", {"q": typed}).text
            for name in ("q", "order"):
                assert [row["number"] for row in api.get("contracts/", {name: typed}).json()["results"]] == [contract]
            assert contract in office.get("/admin/contracts/contract/", {"q": typed}).text


def test_an_order(visit, order, subtests):
    namesake, office = factories.OrderFactory(account=order.account, number="FOUP-778").number, superuser()
    for typed in WAYS:
        for client, address in ((visit, "/orders/"), (office, "/admin/orders/order/")):
            with subtests.test(f"{address} {typed!a}"):
                text = client.get(address, {"q": typed}).text
                assert order.number in text
                assert namesake not in text


def test_a_contract_by_its_own_number(visit, api, contract):
    for typed in (full_width(contract), f" {contract.lower()} ", f"{contract[:6]}-{contract[6:]}"):
        assert f"/contracts/{contract}/" in visit.get("/contracts/", {"q": typed}).text
        assert [row["number"] for row in api.get("contracts/", {"q": typed}).json()["results"]] == [contract]
        assert api.get(f"contracts/{typed.strip()}/").json()["number"] == contract
        assert visit.get(f"/contracts/{typed.strip()}/").status_code == 200
        for path in ("contract", "contractdocument", "auditevent"):
            assert contract in superuser().get(f"/admin/contracts/{path}/", {"q": typed}).text


def test_a_verification_code(api, contract):
    code = api.get(f"contracts/{contract}/").json()["verification_code"]
    for typed in (code, full_width(code), code.lower(), code.replace("-", "–"), code.replace("-", "．"), f" {code} "):
        assert Client().get("/verify/", {"code": typed}).context["verdict"].number == contract
        assert api.get(f"verify/{typed.strip()}/").json()["number"] == contract
    assert code == printed_code(code.replace("-", ""))


def test_orders_that_differ_in_case_only_are_two_orders_and_both_are_found(visit, membership, order, api):
    twin = factories.PaidOrderFactory(account=membership.account, number="foup-77")
    text = visit.get("/orders/?q=Foup-77").text
    assert f"/orders/{order.number}/" in text
    assert f"/orders/{twin.number}/" in text
    for number in (order.number, twin.number):
        assert api.get(f"orders/{number}/").json()["number"] == number
    assert api.apply("order", "foup-77").json()["order_numbers"] == ["foup-77"]


def test_an_order_number_of_a_body_or_address_is_read_in_its_form(visit, api, order):
    assert api.get("orders/ＦＯＵＰ－７７/").json()["number"] == "FOUP-77"
    assert visit.get("/orders/ＦＯＵＰ–７７/").status_code == 200
    assert api.apply("order", "\u200bＦＯＵＰ–77 ").json()["order_numbers"] == ["FOUP-77"]


def test_remarks_with_a_decomposed_letter(visit, api, contract):
    api.patch(f"contracts/{contract}/", {"remarks": "Cafe\u0301 \ufb01le"})
    assert api.get(f"contracts/{contract}/").json()["remarks"] == "Café file"
    for typed in ("Café", "Cafe\u0301", "\ufb01le", "\u200bfé  file"):
        assert f"/contracts/{contract}/" in visit.get("/contracts/", {"q": typed}).text
        assert api.get("contracts/", {"q": typed}).json()["results"]


def test_a_text_without_a_letter_finds_what_holds_it(visit, api, contract, subtests):
    for typed in ("-", "\u200b", "%", "_", "\\"):
        with subtests.test(ascii(typed)):
            assert visit.get("/contracts/", {"q": typed}).status_code == 200
            assert visit.get("/orders/", {"q": typed}).status_code == 200
            found = api.get("contracts/", {"q": typed}).json()["results"]
            assert [row["number"] for row in found] == ([contract] if typed == "\u200b" else [])


@pytest.mark.parametrize(
    "path", ["contracts/contract", "contracts/voidticket", "orders/order", "billing/ledgerentry", "emails/notice"]
)
def test_the_office_finds_by_a_part_of_the_customers_name(membership, order, path):
    account = membership.account
    account.certified_name = "杭州小满网络有限公司"
    account.save()
    row = one_row(path, membership)
    office = superuser()
    for typed in ("小满网络", "小满\u200b网络", account.number):
        assert row in listed(office, path, typed)
    assert row not in listed(office, path, "云杉")
    assert row not in listed(office, path, "nobody")


def one_row(path, membership) -> int:
    """A row of this list that belongs to the account."""
    now, actor = timezone.now(), actor_of(membership, "page")
    if path == "orders/order":
        return Order.objects.get().pk
    if path == "billing/ledgerentry":
        return LedgerEntry.objects.create(account=membership.account, amount=5, booked_at=now).pk
    if path == "emails/notice":
        return Notice.objects.create(
            reference=membership.account.number,
            user=membership.user,
            kind=CERTIFICATION_APPROVED.name,
            created_at=now,
            due_at=now,
        ).pk
    contract = factories.official(actor)
    if path == "contracts/contract":
        return contract.pk
    return services.request_void(contract=contract, reason="Wrong orders", by=actor).pk


def listed(office, path, typed) -> list[int]:
    answer = office.get(f"/admin/{path}/", {"q": typed})
    return [row.pk for row in answer.context["cl"].result_list]
