"""Pages list the first two hundred faults of a refusal and count the others: an order may differ in five facts."""

import pytest
from django.template.loader import render_to_string

from common.errors import Fault, Refused


@pytest.mark.parametrize("template", ["refused.html", "includes/faults.html"])
@pytest.mark.parametrize(("count", "omitted"), [(200, ""), (201, "1 more error is"), (1000, "800 more errors are")])
def test_the_first_two_hundred_are_listed(rf, template, count, omitted):
    refused = Refused.because([Fault("order_changed", f"Fault {i}.") for i in range(count)])
    page = render_to_string(template, {"refused": refused, "faults": refused.faults, "request": rf.get("/")})
    assert page.count("<li>Fault ") == 200
    assert (f"{omitted} not listed." in page) if omitted else ("not listed" not in page)
