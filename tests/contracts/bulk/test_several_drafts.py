"""Several drafts from one selection: the preview, the batch, and what stops it (R1, R42)."""

import re
from datetime import timedelta

import pytest

from accounts.access.actors import actor_of
from accounts.models import Account, PartyProfile
from contracts import services
from contracts.bulk import drafting
from contracts.bulk.batches import create_draft_batch, run_due_batches
from contracts.bulk.drafting import Grouping, plan_drafts
from contracts.models import Batch, BatchItem, Contract, Selection
from contracts.types import TYPES
from tests import factories
from tests.contracts.pages.conftest import at

pytestmark = [pytest.mark.rule("R42"), pytest.mark.usefixtures("clock")]


@pytest.fixture
def orders(membership):
    def make(count: int = 1, **fields):
        return factories.PaidOrderFactory.create_batch(count, account=membership.account, **at(fields))

    return make


@pytest.fixture
def select(membership):
    """The address of the page for a selection of these orders."""

    def make(orders, type_: str = "order") -> str:
        numbers = [order.number for order in orders]
        selection = Selection.objects.create(
            account=membership.account, user_id=membership.user_id, type=type_, order_numbers=numbers
        )
        return f"/contracts/apply/{type_.replace('_', '-')}/several/?selection={selection.pk}"

    return make


def seen(page) -> str:
    return re.search(r'name="seen" value="(\w+)"', page.text)[1]


def run_all() -> None:
    while run_due_batches().attempted:
        pass


def drafted() -> list[set[str]]:
    return sorted((set(contract.order_numbers) for contract in Contract.objects.order_by("pk")), key=sorted)


def titles(drafts) -> list[tuple[str, int]]:
    return [(draft.title, len(draft.orders)) for draft in drafts]


def test_a_preview_and_one_draft_for_each_product(visit, orders, select):
    ecs, cdn = factories.ProductFactory(name="ECS"), factories.ProductFactory(name="CDN")
    first, second = orders(2, product=ecs), orders(1, product=cdn)
    address = select([*first, *second])

    page = visit.get(address)
    assert page.text.index("CDN") < page.text.index("ECS")
    assert "2 drafts" in page.text
    assert "CNY 3,241.50" in page.text
    assert not Batch.objects.exists()

    started = visit.post(address, {"seen": seen(page), "po_number": "PO-7", "language": "zh-hans", "remarks": "Q4"})
    assert "In progress" in visit.get(started.url).text
    run_all()

    assert drafted() == sorted([{order.number for order in first}, {second[0].number}], key=sorted)
    assert set(Contract.objects.values_list("status", "po_number", "language", "remarks")) == {
        ("draft", "PO-7", "zh-hans", "Q4")
    }
    ended = visit.get(started.url).text
    assert "2 of 2 done, 0 failed" in ended
    for number in Contract.objects.values_list("number", flat=True):
        assert f"/contracts/{number}/" in ended


def test_groups_by_month_of_the_accounts_zone_and_by_cost_centre(visit, orders, select):
    october = orders(1, ordered_at="2026-10-31T15:00:00+00:00", paid_at="2026-10-31T15:59:59+00:00", cost_center="A")
    november = orders(1, ordered_at="2026-10-31T15:00:00+00:00", paid_at="2026-10-31T16:00:00+00:00")
    address = select([*october, *november])

    by_month, by_cost_centre = visit.get(f"{address}&by=month").text, visit.get(f"{address}&by=cost_center").text

    assert by_month.index("2026-10") < by_month.index("2026-11")
    assert "No cost centre" in by_cost_centre
    assert "2 drafts" in by_cost_centre
    assert visit.get(f"{address}&by=nonsense").status_code == 200


@pytest.mark.rule("R1")
def test_groups_are_split_by_currency_and_by_200_orders(orders, monkeypatch):
    monkeypatch.setattr(drafting, "MAX_ORDERS", 2)
    product = factories.ProductFactory(name="ECS")
    all_of_them = orders(3, product=product) + orders(1, product=product, currency="USD")

    drafts = plan_drafts(all_of_them, Grouping.PRODUCT, TYPES["order"])

    assert titles(drafts) == [("ECS (1/2)", 2), ("ECS (2/2)", 1), ("ECS", 1)]
    assert [draft.currency for draft in drafts] == ["CNY", "CNY", "USD"]


def test_what_cannot_be_drafted_is_named_and_left_out(visit, draft, orders, select, membership):
    held = draft()
    [free] = orders(1)
    [barred] = Contract.objects.get(pk=held.pk).lines.all()
    address = select([free, barred.order])

    page = visit.get(address)
    assert f"Order {barred.order.number} is in contract {held.number}" in page.text
    visit.post(address, {"seen": seen(page)})
    run_all()

    assert drafted() == sorted([{free.number}, {barred.order.number}], key=sorted)


def test_a_payment_request_over_nothing_is_shown_and_not_created(visit, membership, select):
    free = factories.OrderFactory(account=membership.account, payable_amount=0)
    dear = factories.OrderFactory(account=membership.account)
    address = select([free, dear], "payment_request")

    page = visit.get(address)
    assert "row-wrong" in page.text
    visit.post(address, {"seen": seen(page)})
    run_all()

    assert drafted() == [{dear.number}]


def test_one_failing_group_stops_no_other(visit, orders, select):
    first, second = orders(1), orders(1)
    address = select([*first, *second])
    started = visit.post(address, {"seen": seen(visit.get(address))})
    first[0].refund(at=first[0].paid_at + timedelta(minutes=1))
    first[0].save()

    run_all()

    assert drafted() == [{second[0].number}]
    page = visit.get(started.url).text
    assert "1 of 2 done, 1 failed" in page
    assert f"Order {first[0].number} is refunded" in page


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_interrupted_batch_resumes_and_drafts_once(visit, orders, select, monkeypatch, moment):
    address = select([order for _ in range(3) for order in orders(1)])
    visit.post(address, {"seen": seen(visit.get(address))})
    calls = []
    create = drafting.create_draft

    class Killed(BaseException):
        pass

    def interrupted(item, by):
        calls.append(item)
        if moment == "before" and len(calls) == 2:
            raise Killed
        create(item, by)
        if len(calls) == 2:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setitem(__import__("contracts.bulk.batches", fromlist=["ACTIONS"]).ACTIONS, "draft", interrupted)
        with pytest.raises(Killed):
            run_due_batches()
    run_all()

    assert len(drafted()) == 3
    assert set(BatchItem.objects.values_list("outcome", flat=True)) == {"done"}
    assert Batch.objects.get().finished_at is not None


def test_a_draft_voided_before_the_batch_resumes_is_not_created_again(visit, orders, select, membership):
    address = select(orders(1))
    visit.post(address, {"seen": seen(visit.get(address))})
    item = BatchItem.objects.get()
    drafting.create_draft(item, actor_of(membership, "page"))  # the worker dies before it records the result
    services.void_draft(contract=Contract.objects.get(), by=actor_of(membership, "page"))

    run_all()

    assert Contract.objects.get().status == "voided"
    assert BatchItem.objects.get().outcome == "done"


def test_a_second_click_leads_to_the_same_batch(visit, orders, select):
    address = select(orders(2))
    given = {"seen": seen(visit.get(address))}

    first, second = visit.post(address, given), visit.post(address, given)

    assert first.url == second.url == visit.get(address).url
    assert Batch.objects.count() == 1


def test_two_requests_at_once_start_one_batch(visit, orders, select, membership):
    """Both have passed the page's own check."""
    made = orders(2)
    select(made)
    given = {
        "drafts": plan_drafts(made, Grouping.PRODUCT, TYPES["order"]),
        "by": actor_of(membership, "page"),
        "language": "en",
        "po_number": "",
        "remarks": "",
    }

    first, second = (create_draft_batch(Selection.objects.get(), **given) for _ in range(2))

    assert first == second
    assert BatchItem.objects.count() == 2


def test_what_changed_since_it_was_shown_is_shown_again(visit, orders, select):
    first, second = orders(1), orders(1)
    address = select([*first, *second])
    given = {"seen": seen(visit.get(address))}
    first[0].refund(at=first[0].paid_at + timedelta(minutes=1))
    first[0].save()

    answer = visit.post(address, given)

    assert answer.status_code == 400
    assert "have changed since this page was shown" in answer.text
    assert not Batch.objects.exists()


def test_more_drafts_than_one_batch_creates_are_refused(visit, orders, select, monkeypatch):
    for name in ("contracts.bulk.batches", "contracts.views.several"):
        monkeypatch.setattr(f"{name}.MAX_DRAFTS", 1)
    address = select([*orders(1), *orders(1)])

    page = visit.get(address)
    assert "2 drafts would be created; at most 1 at once" in page.text
    assert visit.post(address, {"seen": seen(page)}).status_code == 400
    assert not Batch.objects.exists()


@pytest.mark.rule("R34")
def test_a_required_po_number_and_missing_details_are_asked_for_first(visit, orders, select, membership):
    Account.objects.update(po_number_required=True)
    address = select(orders(1))
    given = {"seen": seen(visit.get(address))}
    assert visit.post(address, given).status_code == 400

    PartyProfile.objects.all().delete()
    assert "Some details of Party A are missing" in visit.get(address).text
    assert visit.post(address, {**given, "po_number": "7"}).status_code == 400
    assert not Batch.objects.exists()


@pytest.mark.rule("R26")
def test_only_those_who_may_act_and_only_their_own_selection(viewer, stranger, orders, select):
    address = select(orders(1))

    assert viewer.get(address).status_code == 403
    assert stranger.get(address).status_code == 404


@pytest.mark.rule("R26")
def test_who_lost_the_role_since_drafts_no_more(visit, orders, select, membership):
    address = select(orders(1))
    visit.post(address, {"seen": seen(visit.get(address))})
    membership.role = "viewer"
    membership.save()

    run_all()

    assert drafted() == []
    assert BatchItem.objects.get().code == "permission_denied"


def test_nothing_selected_leads_back_to_the_picker(visit, select):
    assert visit.get(select([]), follow=True).request["PATH_INFO"] == "/contracts/apply/order/"
    assert visit.get("/contracts/apply/order/several/").url == "/contracts/apply/order/"


def test_the_api_shows_the_batch_and_does_not_start_one(api, visit, orders, select):
    address = select(orders(1))
    visit.post(address, {"seen": seen(visit.get(address))})
    batch = Batch.objects.get()

    assert api.get(f"contracts/batches/{batch.pk}/").json()["results"][0]["number"] == ""
    run_all()
    assert api.get(f"contracts/batches/{batch.pk}/").json()["results"][0]["number"] == Contract.objects.get().number
    assert api.post("contracts/batches/", {"action": "draft", "numbers": ["EC1"]}).status_code == 400


def test_new_picks_make_a_new_batch_possible(visit, orders, select):
    address = select(orders(1))
    visit.post(address, {"seen": seen(visit.get(address))})
    picker = address.replace("several/", "")
    [another] = orders(1)

    visit.post(picker, {"shown": [], "order_numbers": [another.number], "search": "1"})

    assert visit.get(address).status_code == 200


@pytest.mark.exhaustive
def test_two_thousand_orders_take_few_statements(visit, orders, select, django_assert_max_num_queries):
    products = [factories.ProductFactory() for _ in range(4)]
    made = [order for product in products for order in orders(500, product=product)]
    address = select(made)

    with django_assert_max_num_queries(8):
        page = visit.get(address)
    assert "12 drafts" in page.text
    with django_assert_max_num_queries(30):
        visit.post(address, {"seen": seen(page)})
    assert BatchItem.objects.count() == 12
