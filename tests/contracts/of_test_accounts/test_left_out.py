"""Test accounts count nowhere: reports, exports, sums and metrics leave them out unless asked (R43, R48)."""

import csv
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import ApiToken, Membership
from billing.models import LedgerEntry
from common.errors import Refused
from config.state_metrics import contracts_by_status
from contracts.bulk.month_figures import Month, read_month
from contracts.services import void_draft
from contracts.services.metrics import CONVERSIONS
from contracts.views.back_office.home import home_facts
from contracts.views.back_office.monthly_figures import issued_by_month
from orders.models import Order
from tests import factories
from tests.conftest import Api
from tests.contracts.back_office.legal import member_of

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R48"), pytest.mark.usefixtures("clock")]
CONTRACTS, ORDERS, LEDGER = "/admin/contracts/contract/", "/admin/orders/order/", "/admin/billing/ledgerentry/"
MONTH_CLOSE = "/admin/month-close/"
CHOICES = [("", ["real"]), ("test=include", ["real", "test"]), ("test=only", ["test"]), ("test=", ["real"])]


@pytest.fixture
def contracts(actor, tester):
    return {"real": factories.official(actor), "test": factories.official(tester)}


def rows_of(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.status_code
    return list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def expected(contracts, kinds) -> set[str]:
    return {contracts[kind].number for kind in kinds}


@pytest.mark.rule("R43")
@pytest.mark.parametrize(("query", "kinds"), CHOICES)
class TestBackOffice:
    def test_contracts_and_their_export(self, contracts, query, kinds):
        client = member_of("Finance")
        shown = client.get(f"{CONTRACTS}?{query}").text
        assert {number for number in expected(contracts, contracts) if number in shown} == expected(contracts, kinds)
        assert shown.count('class="test-mark"') == ("test" in kinds)
        rows = rows_of(client.get(f"{CONTRACTS}export/?format=csv&{query}"))
        assert {row["Contract No."] for row in rows} == expected(contracts, kinds)
        assert {row["Contract No."] for row in rows if row["Test"] == "TEST"} == expected(
            contracts, [kind for kind in kinds if kind == "test"]
        )

    def test_orders_and_their_export(self, contracts, query, kinds):
        client = member_of("Finance")
        numbers = {kind: contract.order_numbers[0] for kind, contract in contracts.items()}
        shown = client.get(f"{ORDERS}?{query}").text
        assert [kind for kind in ("real", "test") if numbers[kind] in shown] == kinds
        rows = rows_of(client.get(f"{ORDERS}export/?format=csv&{query}"))
        assert {row["Order No."] for row in rows} == {numbers[kind] for kind in kinds}

    def test_the_ledger_and_its_export(self, contracts, query, kinds):
        for kind, contract in contracts.items():
            LedgerEntry.objects.create(
                account=contract.account, amount=Decimal(7), booked_at=timezone.now(), bank_reference=f"REF-{kind}"
            )
        client = member_of("Finance")
        shown = client.get(f"{LEDGER}?{query}").text
        assert [kind for kind in ("real", "test") if f"REF-{kind}" in shown] == kinds
        rows = rows_of(client.get(f"{LEDGER}export/?format=csv&{query}"))
        assert {row["Reference"] for row in rows} == {f"REF-{kind}" for kind in kinds}
        assert {row["Test"] for row in rows} == {"TEST" if kind == "test" else "" for kind in kinds}

    def test_month_close_and_its_export(self, contracts, query, kinds):
        client = member_of("Finance")
        page = client.get(f"{MONTH_CLOSE}?month=2026-11&{query}")
        customers = {line.labels[0] for line in page.context["report"].by_customer}
        assert customers == {contracts[kind].account.number for kind in kinds}
        assert [line.figures[0].number for line in page.context["report"].by_type] == [len(kinds)]
        assert [line.figures[0].number for line in page.context["report"].by_product] == [1] * len(kinds)
        assert [line.figures[0].number for line in page.context["report"].orders] == [1] * len(kinds)
        answer = client.get(f"{MONTH_CLOSE}?month=2026-11&format=xlsx&{query}")
        book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
        assert {row[2] for row in list(book["Contracts"].values)[1:]} == expected(contracts, kinds)
        assert {row[1] for row in list(book["Order lines"].values)[1:]} == expected(contracts, kinds)

    def test_integrators_list(self, contracts, query, kinds):
        user = factories.UserFactory()
        user.user_permissions.add(Permission.objects.get(codename="integrate_contracts"))
        api = Api()
        token = ApiToken.for_integrator(user, scopes=("contracts",))[1]
        api.client.defaults["HTTP_AUTHORIZATION"] = f"Token {token}"
        rows = api.get(f"contracts/?{query}").json()["results"]
        assert {row["number"] for row in rows} == expected(contracts, kinds)
        assert all(row["test"] == (row["number"] == contracts["test"].number) for row in rows)


def test_another_word_is_refused(contracts):
    client = member_of("Finance")
    assert contracts["test"].number not in client.get(f"{CONTRACTS}?test=all").text
    assert client.get(f"{MONTH_CLOSE}?month=2026-11&test=all").context["test"] == ""


def test_members_see_and_export_those_of_their_test_account(client, contracts, tester):
    membership = Membership.objects.get(account=tester.account)
    answer = Api(membership).get("contracts/")
    assert [row["number"] for row in answer.json()["results"]] == [contracts["test"].number]
    client.force_login(membership.user)
    assert contracts["test"].number in client.get("/contracts/").text
    [row] = rows_of(client.get("/contracts/export/?format=csv"))
    assert (row["Contract No."], row["Test"]) == (contracts["test"].number, "TEST")


def test_an_account_that_an_integrator_names_is_asked_for(contracts):
    user = factories.UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="integrate_contracts"))
    api = Api()
    api.client.defaults["HTTP_AUTHORIZATION"] = f"Token {ApiToken.for_integrator(user, scopes=('contracts',))[1]}"
    [row] = api.get("contracts/", {"account": contracts["test"].account.number}).json()["results"]
    assert row["number"] == contracts["test"].number


def refund(contract) -> None:
    orders = Order.objects.filter(number__in=contract.order_numbers, status="paid")
    orders.update(status="refunded", refunded_at=timezone.now())


def test_the_first_page_leaves_them_out(contracts, tester):
    _months, issued = issued_by_month(now=timezone.now())
    assert sum(row.contracts for row in issued) == 1
    factories.official(tester, type="payment_request")
    refund(contracts["test"])
    facts = home_facts(member_of("Finance").get("/admin/").wsgi_request.user, now=timezone.now())
    assert (facts["flagged"].count, facts["ending"].count) == (0, 0)


def test_metrics_leave_them_out(contracts, tester, clock):
    factories.draft(tester, type="payment_request")
    counted = contracts_by_status()
    assert {status: count for status, count in counted.items() if count} == {"official": 1}
    clock.shift(9 * 24 * 3600)
    assert {status: count for status, count in contracts_by_status().items() if count} == {"official": 1}


def test_conversions_of_tests_are_not_counted(tester, actor, no_seal_of_test_accounts):
    """Or the alert that nobody can convert would ring for a missing seal of test accounts."""
    before = counted_conversions()
    with pytest.raises(Refused):
        factories.official(tester)
    assert counted_conversions() == before
    factories.official(actor)
    assert counted_conversions() == {**before, "official": before["official"] + 1}


def counted_conversions() -> dict[str, float]:
    [metric] = CONVERSIONS.collect()
    return {one.labels["outcome"]: one.value for one in metric.samples if one.name.endswith("_total")}


def test_drafts_that_ended_are_not_counted_either(tester, actor):
    void_draft(contract=factories.draft(tester), by=tester)
    first = read_month("2026-11")
    assert first
    assert Month(first, timezone.now()).count_drafts() == 0
    assert Month(first, timezone.now(), test="include").count_drafts() == 1
