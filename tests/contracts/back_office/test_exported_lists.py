"""Lists of the back office are exported as filtered, with the customer (R43)."""

import csv
from datetime import timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import SecurityEvent
from billing.models import LedgerEntry
from emails.sending import send_due_emails
from exports.models import Export
from exports.worker import write_waiting_exports
from tests import factories
from tests.contracts.back_office.legal import client_of, holder_of, member_of

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R43"), pytest.mark.usefixtures("issuer", "clock")]
CONTRACTS, ORDERS, LEDGER = "/admin/contracts/contract/", "/admin/orders/order/", "/admin/billing/ledgerentry/"


def content(answer) -> bytes:
    assert answer.status_code == 200, answer.status_code
    return b"".join(answer.streaming_content)


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content(answer).decode("utf-8-sig"))))


def test_contracts_of_all_customers_as_the_list_filters_them():
    first, second = factories.member(), factories.member()
    draft, official = factories.draft(first, count=2), factories.official(second)
    client = member_of("Finance")

    def numbers(query: str) -> list[str]:
        return [row["Contract No."] for row in rows_of(client.get(f"{CONTRACTS}export/?format=csv&{query}"))]

    assert numbers("") == [official.number, draft.number, draft.number]
    assert numbers("status=official&p=1") == numbers("type__exact=order&status=official") == [official.number]
    assert numbers(f"q={first.account.number}") == [draft.number] * 2
    [row] = rows_of(client.get(f"{CONTRACTS}export/?format=csv&status=official"))
    assert (row["Account number"], row["Customer"]) == (second.account.number, second.account.certified_name)
    book = load_workbook(BytesIO(content(client.get(f"{CONTRACTS}export/?format=xlsx"))))
    assert book.sheetnames == ["Contracts", "Orders"]
    assert [row[2] for row in book["Contracts"].values][1:] == [official.number, draft.number]


def test_orders_as_the_list_filters_them():
    paid, unpaid = factories.PaidOrderFactory(), factories.OrderFactory()
    client = member_of("Legal")

    assert {row["Order No."] for row in rows_of(client.get(f"{ORDERS}export/?format=csv"))} == {
        paid.number,
        unpaid.number,
    }
    [row] = rows_of(client.get(f"{ORDERS}export/?format=csv&status=paid"))
    assert (row["Order No."], row["Account number"]) == (paid.number, paid.account.number)


def test_the_ledger_by_customer_with_balances_whatever_the_filter():
    accounts = [factories.AccountFactory() for _ in range(2)]
    at = timezone.now()
    for account, amount, order in ((0, "100", ""), (1, "7", ""), (0, "-30.50", "FO1"), (0, "1", "")):
        at += timedelta(minutes=1)
        LedgerEntry.objects.create(account=accounts[account], amount=Decimal(amount), booked_at=at, order_number=order)
    client = member_of("Finance")

    def balances(query: str = "") -> list[tuple[str, str, str]]:
        rows = rows_of(client.get(f"{LEDGER}export/?format=csv&{query}"))
        return [(row["Account number"], row["Amount"], row["Balance"]) for row in rows]

    first, second = (account.number for account in accounts)
    whole = [
        (first, "100.00", "100.00"),
        (first, "-30.50", "69.50"),
        (first, "1.00", "70.50"),
        (second, "7.00", "7.00"),
    ]
    assert balances() == whole
    assert balances("kind=remittance") == [whole[0], *whole[2:]]
    assert balances(f"q={second}") == whole[3:]


def test_the_list_links_to_its_export_with_its_filter():
    page = member_of("Finance").get(f"{CONTRACTS}?status=official&p=1").text

    assert f"{CONTRACTS}export/?format=xlsx&amp;status=official" in page
    assert f"{CONTRACTS}export/?format=csv&amp;status=official" in page


def test_an_export_is_in_the_security_log():
    factories.draft(factories.member(), count=2)

    content(member_of("Finance").get(f"{CONTRACTS}export/?format=csv"))

    event = SecurityEvent.objects.get(kind=SecurityEvent.Kind.EXPORTED)
    assert event.detail == "back office: contracts csv, 2 rows"


@pytest.mark.parametrize("list_", [CONTRACTS, ORDERS, LEDGER])
def test_who_may_not_read_the_list_may_not_export_it(list_):
    assert holder_of("view_product").get(f"{list_}export/?format=csv").status_code == 403
    assert member_of("Finance").post(f"{list_}export/?format=csv").status_code == 403


@pytest.mark.parametrize("query", ["format=pdf", "nothing=1", "applied_at__gte=2026-01-01"])
def test_what_the_list_does_not_filter_by_is_refused(query):
    assert member_of("Finance").get(f"{CONTRACTS}export/?{query}").status_code == 400


class TestALongExport:
    @pytest.fixture
    def user(self, monkeypatch):
        monkeypatch.setattr("exports.asking.MAX_ROWS_AT_ONCE", 1)
        user = factories.UserFactory(is_staff=True, email="office@issuer.example")
        user.groups.add(Group.objects.get(name="Finance"))
        return user

    def test_is_written_by_a_worker_for_who_asked_alone(self, user):
        contract = factories.official(factories.member(), count=2)
        factories.draft(factories.member(), count=2)
        client = client_of(user)

        waiting = client.get(f"{CONTRACTS}export/?format=csv&status=official").url
        assert "being prepared" in client.get(waiting).text
        assert client.get(f"{waiting}file/").status_code == 404
        assert write_waiting_exports().attempted == 1
        send_due_emails()

        assert f"{waiting}file/" in client.get(waiting).text
        assert [row["Contract No."] for row in rows_of(client.get(f"{waiting}file/"))] == [contract.number] * 2
        for other in (member_of("Finance"), client_of(factories.MembershipFactory().user)):
            assert other.get(waiting).status_code in (302, 404)
            assert other.get(f"{waiting}file/").status_code in (302, 404)
        [email] = [one for one in mail.outbox if one.to == [user.email]]
        assert waiting in email.body

    def test_is_refused_once_the_permission_is_gone(self, user):
        factories.official(factories.member(), count=2)
        client = client_of(user)
        waiting = client.get(f"{CONTRACTS}export/?format=csv").url
        write_waiting_exports()

        user.groups.clear()

        assert client.get(waiting).status_code == client.get(f"{waiting}file/").status_code == 403

    def test_is_no_page_of_the_console(self, user):
        factories.official(factories.member(), count=2)
        client_of(user).get(f"{CONTRACTS}export/?format=csv")
        [export] = Export.objects.all()

        member = factories.MembershipFactory(user=user)
        assert client_of(member.user).get(f"/exports/{export.pk}/").status_code == 404
