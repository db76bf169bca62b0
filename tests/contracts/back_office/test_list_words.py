"""Lists of the back office name their filters and count their rows in the language of the page."""

import re

import pytest

from billing.access import actor_of
from tests import factories
from tests.contracts.back_office.legal import member_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]


@pytest.mark.parametrize(
    ("language", "filter_title", "counts"),
    [("en", "By status", ("1 row", "2 rows")), ("zh-hans", "状态", ("共 1 条", "共 2 条"))],
)
def test_a_list_names_filters_and_counts_rows(membership, language, filter_title, counts):
    finance, customer = member_of("Finance"), actor_of(membership, "page")
    for count in counts:
        factories.draft(customer)
        page = finance.get("/admin/contracts/contract/", headers={"Accept-Language": language})
        assert re.findall(r"<summary>([^<]*)</summary>", page.text)[0] == filter_title
        assert re.search(rf"(?<!\S){count}(?!\S)", text_of(page))
