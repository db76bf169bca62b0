"""Messages of the order system overtake each other: an older one changes nothing (R48)."""

import pytest

from orders.models import Order
from tests.api.conformance import problem
from tests.factories import AccountFactory
from tests.orders.sheets import PAID, UNPAID, run, sheet
from tests.webhooks.receiving import deliveries, endpoint_of

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R48"), pytest.mark.usefixtures("clock")]
EARLIER, LATER = "2026-11-22T09:00:00+08:00", "2026-11-22T10:00:00+08:00"


@pytest.fixture
def account():
    return AccountFactory(number=PAID["account"])


def write(tmp_path, row, stated: str = "", **facts: str) -> Order:
    columns = [*UNPAID, "source_updated_at"] if stated else list(UNPAID)
    run(sheet(tmp_path, row | ({"source_updated_at": stated} if stated else {}) | facts, columns=columns))
    return Order.objects.get()


def test_an_older_message_is_stale(account, tmp_path, capsys):
    write(tmp_path, PAID, LATER)
    before = Order.objects.values().get()
    capsys.readouterr()
    write(tmp_path, PAID | {"region": "before", "status": "cancelled"}, EARLIER)
    assert Order.objects.values().get() == before
    assert "1 stale" in capsys.readouterr().out


def test_even_one_that_could_not_be_taken_is_stale_and_no_error(account, tmp_path):
    write(tmp_path, PAID | {"status": "refunded"}, LATER)
    assert write(tmp_path, UNPAID, EARLIER).status == "refunded"


def test_the_same_message_again_and_a_newer_one(account, tmp_path):
    write(tmp_path, UNPAID, EARLIER)
    assert write(tmp_path, UNPAID, EARLIER).region == UNPAID["region"]
    order = write(tmp_path, UNPAID, LATER, region="moved")
    assert (order.region, order.source_updated_at.isoformat()) == ("moved", "2026-11-22T02:00:00+00:00")


def test_a_message_without_a_time_is_taken_and_keeps_the_time(account, tmp_path):
    write(tmp_path, UNPAID, LATER)
    order = write(tmp_path, UNPAID, region="moved")
    assert order.region == "moved"
    assert order.source_updated_at is not None


def test_the_api_says_so_for_each_order(account, integrator, order_json):
    told = order_json | {"account": account.number, "source_updated_at": LATER}
    assert integrator.post("orders/import/", {"orders": [told]}).json()["results"][0]["outcome"] == "created"
    older = told | {"source_updated_at": EARLIER, "quantity": 9}
    [result] = integrator.post("orders/import/", {"orders": [older]}).json()["results"]
    assert (result["outcome"], result["errors"]) == ("stale", [])
    answer = integrator.put(f"orders/{told['number']}/", older)
    assert (answer.status_code, answer.json()["quantity"]) == (200, told["quantity"])
    assert answer.json()["source_updated_at"] == LATER


def test_a_time_in_the_future_would_lock_out_all_others(account, integrator, order_json):
    told = order_json | {"account": account.number, "source_updated_at": "2027-01-01T00:00:00+08:00"}
    answer = integrator.put(f"orders/{told['number']}/", told)
    assert problem(answer, 400, "invalid")["errors"][0]["pointer"] == "/source_updated_at"


def test_a_stale_message_is_no_event(account, tmp_path):
    endpoint_of(account)
    write(tmp_path, UNPAID, LATER)
    write(tmp_path, UNPAID | {"status": "cancelled"}, EARLIER)
    assert deliveries() == []
