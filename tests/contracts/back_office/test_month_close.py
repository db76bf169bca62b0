"""The month-close report: its counts and sums equal those of the contracts of that month (R43)."""

from datetime import datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import SecurityEvent
from contracts import services
from contracts.bulk.month_close import get_report
from contracts.bulk.month_figures import Figure, Key, Month, Movement, read_month
from contracts.models import Contract
from tests import factories
from tests.contracts.back_office.legal import holder_of, member_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R43")]
PAGE = "/admin/month-close/"
OCTOBER = datetime.fromisoformat("2026-10-15T12:00:00+08:00")
MOST_STATEMENTS = 22


def contract_of(actor, *orders) -> Contract:
    numbers = [order.number for order in orders]
    return services.apply_for_contract(type="order", order_numbers=numbers, by=actor)


def convert(contract, actor) -> Contract:
    return services.convert_to_official(contract=contract, by=actor)


def void(contract, actor) -> Contract:
    ticket = services.request_void(contract=contract, reason="Wrong orders", by=actor)
    return services.approve_void(ticket=ticket, by=factories.staff()).contract


@pytest.fixture
def october(issuer, clock):
    """Two customers in October, three currencies, one contract over two products; each movement, and drafts."""
    clock.move_to(OCTOBER)
    first, second = factories.member(), factories.member()
    make = factories.PaidOrderFactory

    def order(actor, amount: str, currency: str = "CNY", **fields):
        given = {"list_amount": Decimal(amount), "payable_amount": Decimal(amount), "currency": currency}
        return make(account=actor.account, **given, **fields)

    split = convert(contract_of(first, order(first, "1080.50"), order(first, "0.25")), first)
    void(convert(contract_of(first, order(first, "12.00", "USD")), first), first)
    convert(contract_of(second, order(second, "900", "JPY")), second)
    convert(contract_of(second, order(second, "10.125", "KWD")), second)
    services.void_draft(contract=contract_of(second, order(second, "7.00")), by=second)
    ended = factories.official(second, type="payment_request")
    contract_of(second, order(second, "5.00"))
    clock.move_to("2026-10-28T12:00:00+08:00")
    services.invalidate_due(now=timezone.now())
    assert Contract.objects.get(pk=ended.pk).status == "invalid"
    clock.move_to("2026-11-03T12:00:00+08:00")
    void(split, first)  # in November
    convert(contract_of(first, order(first, "3.00")), first)
    return first, second


def month(text: str = "2026-10") -> Month:
    return Month(read_month(text), timezone.now())


def figures(text: str = "2026-10"):
    return month(text).figures(with_orders=True)


def test_figures_are_direct_sums_of_the_rows(october):
    found = figures()

    start, end = (datetime.fromisoformat(f"2026-{month}-01T00:00:00+08:00") for month in (10, 11))
    for movement in Movement:
        rows = Contract.objects.filter(official_at__isnull=False)
        rows = [one for one in rows if (at := getattr(one, movement)) and start <= at < end]
        assert rows
        for currency in {one.currency for one in Contract.objects.all()}:
            own = [one for one in rows if one.currency == currency]
            total = Figure(len(own), sum((one.total_amount for one in own), Decimal(0)))
            for table in (found.by_type, found.by_customer):
                parts = [moved.get(movement, Figure()) for key, moved in table.items() if key.currency == currency]
                assert sum(parts, Figure()) == total
            of_products = found.by_product.items()
            amounts = [moved.get(movement, Figure()).amount for key, moved in of_products if key.currency == currency]
            assert sum(amounts, Decimal(0)) == total.amount


def test_a_contract_over_two_products_is_divided_by_its_lines(october):
    first, _second = october
    [split] = Contract.objects.filter(account=first.account, order_count=2)

    by_product = figures().by_product

    for line in split.lines.select_related("order"):
        figure = by_product[Key("CNY", "order", line.order.product_id)][Movement.OFFICIAL]
        assert figure == Figure(1, Decimal(line.snapshot["payable_amount"]))


def test_currencies_are_never_added(october):
    assert {key: moved for key, moved in figures().by_type.items() if key.type == "order"} == {
        Key("CNY", "order"): {Movement.OFFICIAL: Figure(1, Decimal("1080.75"))},
        Key("USD", "order"): {
            Movement.OFFICIAL: Figure(1, Decimal("12.00")),
            Movement.VOIDED: Figure(1, Decimal("12.00")),
        },
        Key("JPY", "order"): {Movement.OFFICIAL: Figure(1, Decimal("900"))},
        Key("KWD", "order"): {Movement.OFFICIAL: Figure(1, Decimal("10.125"))},
    }


def test_drafts_are_counted_apart(october):
    assert figures().drafts == 1


def test_a_contract_past_its_time_has_ended_whatever_the_clock_has_done(issuer, clock):
    clock.move_to(OCTOBER)
    contract = factories.official(factories.member(), type="payment_request")
    clock.move_to(contract.expires_at)

    [(key, moved)] = figures().by_type.items()

    assert Contract.objects.get(pk=contract.pk).status == "official"
    assert (key.type, moved[Movement.ENDED]) == ("payment_request", Figure(1, contract.total_amount))
    assert figures("2026-11").by_type == {}


def test_orders_are_counted_as_paid_and_as_refunded(issuer, clock):
    clock.move_to(OCTOBER)
    kept, refunded = (factories.PaidOrderFactory() for _ in range(2))
    clock.move_to("2026-11-03T12:00:00+08:00")
    refunded.refund(at=timezone.now())
    refunded.save()

    paid = {key.id: moved for key, moved in figures().orders.items()}
    assert paid[kept.product_id] == paid[refunded.product_id] == {"paid_at": Figure(1, Decimal("1080.50"))}
    assert figures("2026-11").orders == {
        Key("CNY", "", refunded.product_id): {"refunded_at": Figure(1, Decimal("1080.50"))}
    }


def test_the_page_opens_on_last_month_and_shows_the_figures(october):
    page = member_of("Finance").get(PAGE)

    assert "Month close 2026-10" in text_of(page)
    assert "1,080.75" in text_of(page)
    assert "10.125" in text_of(page)
    assert "This month is not over" not in text_of(page)
    assert "This month is not over" in text_of(member_of("Finance").get(f"{PAGE}?month=2026-11"))


def test_a_month_begins_and_ends_at_the_offices_midnight(issuer, clock):
    clock.move_to("2026-09-30T23:59:59+08:00")
    factories.official(factories.member())
    clock.move_to("2026-10-01T00:00:00+08:00")
    inside = factories.official(factories.member())

    assert list(month().contracts(Movement.OFFICIAL)) == [inside]


@pytest.mark.parametrize("text", ["2026-13", "x", "0001-01", "99999-01", "2026-10-01"])
def test_a_month_that_is_none_is_refused_in_words(october, text):
    page = member_of("Finance").get(f"{PAGE}?month={text}")

    assert page.status_code == 400
    assert "Enter a month such as 2026-10" in page.text


def test_who_may_not_read_contracts_is_refused():
    assert holder_of("view_product").get(PAGE).status_code == 403
    assert "Orders paid and refunded" not in holder_of("view_contract").get(PAGE).text


def test_the_workbook_has_the_same_figures_and_the_contracts_behind_them(october):
    answer = member_of("Finance").get(f"{PAGE}?month=2026-10&format=xlsx")
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))

    assert 'filename="month-close-2026-10.xlsx"' in answer["Content-Disposition"]
    assert book.sheetnames == ["By type", "By customer", "By product", "Orders", "Contracts", "Order lines"]
    report = get_report(month(), with_orders=True)
    for name, lines in (("By type", report.by_type), ("By customer", report.by_customer), ("Orders", report.orders)):
        _titles, *rows = book[name].values
        assert [row[len(line.labels)] for row, line in zip(rows, lines, strict=True)] == [one.currency for one in lines]
        assert [row[-2:] for row in rows] == [
            (one.figures[-1].number, pytest.approx(float(one.figures[-1].amount))) for one in lines
        ]
    _titles, *contracts = book["Contracts"].values
    assert len(contracts) == sum(figure.number for line in report.by_type for figure in line.figures)
    _titles, *lines = book["Order lines"].values
    amounts = sum(Decimal(str(row[-1])) for row in lines if row[-2] == "CNY")
    assert amounts == sum(figure.amount for line in report.by_type if line.currency == "CNY" for figure in line.figures)
    event = SecurityEvent.objects.get(kind=SecurityEvent.Kind.EXPORTED)
    assert event.detail == f"back office: month-close xlsx, {len(lines)} rows"


def test_more_contracts_take_no_more_statements(october):
    client = member_of("Finance")

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{PAGE}?month=2026-11").status_code == 200
        return len(captured)

    before = statements()
    for _ in range(3):
        factories.official(factories.member())
    assert statements() == before <= MOST_STATEMENTS
