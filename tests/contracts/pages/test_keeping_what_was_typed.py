"""What was typed on the confirm page is kept until it is drafted (R14)."""

import re

import pytest

from contracts.models import Selection
from contracts.services.selections import MAX_TYPED_CHARS
from tests import factories
from tests.contracts.pages.test_confirming import DETAILS

pytestmark = pytest.mark.rule("R14")
TYPED = {**DETAILS, "contact": "Half a na", "email": "not yet", "bank": "招商银行", "remarks": "Q4", "language": "both"}


@pytest.fixture
def address(membership) -> str:
    order = factories.PaidOrderFactory(account=membership.account)
    selection = Selection.objects.create(
        account=membership.account, user=membership.user, type="order", order_numbers=[order.number]
    )
    return f"/contracts/apply/order/confirm/?selection={selection.pk}"


def shows_typed(page) -> None:
    for name in ("address", "contact", "phone", "email", "bank", "remarks"):
        assert re.search(rf'name="{name}" value="{re.escape(TYPED[name])}"', page.text), name
    assert re.search(r'<input type="radio" name="language" value="both"[^>]* checked', page.text)


def test_return_to_modify_and_next_keep_it(visit, address):
    picker = visit.post(address, TYPED | {"back": "1"})["Location"]
    assert picker.startswith("/contracts/apply/order/?selection=")
    order = Selection.objects.get().order_numbers[0]
    again = visit.post(picker, {"shown": order, "order_numbers": order, "next": "1"})["Location"]

    assert again == address
    shows_typed(visit.get(again))


def test_switching_the_language_keeps_it(visit, address):
    page = visit.get(address).text
    assert page.count('form="confirm" name="page_language"') == 2

    answer = visit.post(address, TYPED | {"page_language": "zh-hans"}, follow=True)

    assert answer.redirect_chain == [(address, 302)]
    assert '<html lang="zh-hans">' in answer.text
    shows_typed(answer)


def test_it_is_gone_once_it_is_drafted(visit, address):
    visit.post(address, TYPED | {"back": "1"})

    visit.post(address, DETAILS)

    assert Selection.objects.get().typed == {}


def test_it_is_as_long_as_anybody_types_and_no_longer(visit, address):
    visit.post(address, {"address": "x" * 5000, "csrfmiddlewaretoken": "secret", "back": "1"})

    assert Selection.objects.get().typed == {"address": "x" * MAX_TYPED_CHARS}
