"""The first page of the back office puts in front of staff what waits for them, and what was issued."""

from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from re import findall

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import CertificationRequest
from contracts import services
from contracts.models import Contract
from orders.models import Order
from orders.services import move_order
from tests import factories
from tests.contracts.back_office.legal import holder_of, member_of, text_of

pytestmark = pytest.mark.django_db
HOME = "/admin/"
MOST_STATEMENTS = 18


@pytest.fixture
def finance(issuer):
    return member_of("Finance")


@pytest.fixture
def actor(membership):
    return actor_of(membership, "page")


def ask(actor, reason="Wrong name", **fields):
    return services.request_void(contract=factories.official(actor, **fields), reason=reason, by=actor)


def refund(contract: Contract, status: str = Order.Status.REFUNDED) -> None:
    order = Order.objects.get(number=contract.order_numbers[0])
    move_order(order, status, paid_at=None, at=timezone.now())
    order.save()


def certify(name: str) -> None:
    """A new customer asks to be certified."""
    member = factories.MembershipFactory()
    asked = {"account": member.account, "kind": "enterprise", "credit_code": "91110000600037341L"}
    request = CertificationRequest(name=name, requested_by=member.user, requested_at=timezone.now(), **asked)
    request.licence.save("licence.pdf", ContentFile(b"%PDF-1.7"))


def counted(page) -> dict[str, str]:
    """What stands on the cards → the count."""
    cards = findall(r'class="home-count[^>]*>\s*<strong>([^<]*)</strong>\s*([^<]*)</a>', page.text)
    return {unescape(label).strip(): count for count, label in cards}


def linked(page) -> list[str]:
    return [unescape(address) for address in findall(r'class="home-count[^>]*href="([^"]*)"', page.text)]


def test_an_empty_office_says_what_comes_here(finance):
    page = finance.get(HOME)
    assert set(counted(page).values()) == {"0"}
    assert "No contract became official in the last twelve months." in text_of(page)
    assert text_of(page).count("None") == 4


@pytest.mark.rule("R5")
@pytest.mark.rule("R11")
@pytest.mark.rule("R24")
def test_the_cards_count_what_waits_and_lead_to_the_same_rows(finance, actor, membership, clock):
    ask(actor)
    ask(actor)
    services.reject_void(ticket=ask(actor), by=factories.staff(), note="No")
    certify("甲公司")
    refund(factories.official(actor))
    refund(factories.draft(actor))  # a draft is not flagged
    for hours in (7 * 24 - 2, 3):  # one ends in two hours, today, the other after tomorrow
        order = factories.OrderFactory(account=membership.account, ordered_at=timezone.now() - timedelta(hours=hours))
        services.apply_for_contract(type="payment_request", order_numbers=[order.number], by=actor)
    page = finance.get(HOME)
    assert counted(page) == {
        "Open void tickets": "2",
        "Pending certifications": "1",
        "Contracts with refunded or cancelled orders": "1",
        "Payment requests expiring today": "1",
    }
    for address, count in zip(linked(page), counted(page).values(), strict=True):
        rows = finance.get(address).context["cl"].result_list
        assert len(rows) == int(count), address


def test_the_oldest_ticket_comes_first_with_its_age(finance, actor, clock):
    ask(actor, "The older one")
    clock.shift(timedelta(days=2, hours=5))
    ask(actor, "The newer one")
    said = text_of(finance.get(HOME)).replace("\xa0", " ")
    assert said.index("The older one") < said.index("The newer one")
    assert "2 days, 5 hours" in said


def test_a_ticket_whose_contract_has_become_invalid_waits_no_more(finance, actor, clock):
    ask(actor, type="payment_request")
    assert counted(finance.get(HOME))["Open void tickets"] == "1"
    clock.shift(timedelta(days=8))  # the clock has not run
    assert counted(finance.get(HOME))["Open void tickets"] == "0"


@pytest.mark.rule("R24")
@pytest.mark.parametrize("status", Order.ENDED)
def test_a_flagged_contract_stays_official_and_is_shown(finance, actor, status):
    contract = factories.official(actor, count=2)
    assert contract.number not in finance.get(HOME).text
    refund(contract, status)
    assert contract.number in finance.get(HOME).text
    assert Contract.objects.get(pk=contract.pk).status == "official"
    services.approve_void(
        ticket=services.request_void(contract=contract, reason="refunded", by=actor), by=factories.staff()
    )
    assert contract.number not in finance.get(HOME).text


def test_a_long_queue_shows_its_first_and_links_to_the_rest(finance):
    for i in range(10):
        certify(f"公司 {i}")
    page = finance.get(HOME)
    assert "公司 7" in page.text
    assert "公司 8" not in page.text
    assert counted(page)["Pending certifications"] == "10"
    assert "Show all" in text_of(page)


def figures(page) -> list[list[str]]:
    """The rows of the table beneath the charts."""
    table = page.text[page.text.index("Figures by month") :]
    cells = findall(r"<td[^>]*>([^<]*)</td>", table)
    return [[unescape(cell).replace("\xa0", " ") for cell in cells[i : i + 4]] for i in range(0, len(cells), 4)]


def test_what_was_issued_is_told_by_month_type_and_currency(finance, actor, clock):
    def issue(at: str, **fields) -> Contract:
        clock.move_to(datetime.fromisoformat(at))
        return factories.official(actor, **fields)

    issue("2026-09-30T23:59:59+08:00")
    issue("2026-10-01T00:00:00+08:00", count=2)  # 1 October here, 30 September in UTC
    issue("2026-10-31T12:00:00+08:00")
    issue("2026-11-05T12:00:00+08:00", type="payment_request")
    clock.move_to(datetime.fromisoformat("2026-11-22T12:00:00+08:00"))
    issued = list(Contract.objects.order_by("official_at"))
    page = finance.get(HOME)
    assert figures(page) == [
        ["2026-11", "Payment request contract", "1", "CNY 1,080.50"],
        ["2026-10", "Order contract", "2", "CNY 3,241.50"],
        ["2026-09", "Order contract", "1", "CNY 1,080.50"],
    ]
    assert sum(contract.total_amount for contract in issued) == Decimal("5402.50")
    heights = findall(r'height="([\d.]+)" class="home-part-(\w+)"', page.text)
    drawn = [(float(height), kind) for height, kind in heights if float(height)]
    assert drawn[:3] == [(60.0, "order"), (120.0, "order"), (60.0, "payment_request")]  # of contracts: 1, 2, 1
    assert 'aria-label="Contracts: 2026-09 1; 2026-10 2; 2026-11 1; "' in page.text


def test_a_voided_contract_was_issued_all_the_same(finance, actor):
    services.approve_void(ticket=ask(actor), by=factories.staff())
    assert figures(finance.get(HOME))[0][2] == "1"


def test_each_sees_what_they_may_see(issuer):
    page = holder_of("view_certificationrequest").get(HOME)
    assert list(counted(page)) == ["Pending certifications"]
    assert "by month" not in page.text
    assert counted(holder_of().get(HOME)) == {}


def test_the_number_of_statements_does_not_grow_with_the_rows(finance, actor):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert finance.get(HOME).status_code == 200
        return len(captured)

    def one_more_of_each() -> None:
        ask(actor)
        certify("甲公司")
        refund(factories.official(actor))
        factories.draft(actor, type="payment_request")

    one_more_of_each()
    few = statements()
    for _ in range(4):
        one_more_of_each()
    assert statements() <= few <= MOST_STATEMENTS


def test_what_a_customer_wrote_is_shown_as_written(finance, actor):
    ask(actor, "<script>x</script>")
    certify("<b>公司</b>")
    page = finance.get(HOME)
    assert "<script>x" not in page.text
    assert "<b>公司" not in page.text
    assert "<b>公司</b>" in unescape(page.text)
