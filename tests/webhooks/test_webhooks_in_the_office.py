"""Endpoints and deliveries as staff read them: never the secrets, and nothing can be changed."""

import pytest
from django.utils import timezone

from tests import factories
from tests.billing.bookkeeping import HOSTILE, client_of, somebody
from tests.webhooks.receiving import due, endpoint_of

pytestmark = pytest.mark.django_db
OFFICE = "/admin/webhooks"


@pytest.fixture
def endpoint():
    return endpoint_of(factories.AccountFactory(), retired_secrets=[{"secret": "whsec_old", "until": "2999-01-01"}])


@pytest.fixture
def finance():
    return client_of(somebody("Finance"))


def test_an_endpoint_is_shown_without_its_secrets(finance, endpoint):
    due(endpoint, subject="EC9")
    for address in (f"{OFFICE}/webhookendpoint/", f"{OFFICE}/webhookendpoint/{endpoint.pk}/change/"):
        text = finance.get(address).text
        assert endpoint.url in text
        assert "Enabled" in text
        assert endpoint.secret not in text
        assert "whsec_old" not in text


def test_a_delivery_is_shown_with_its_attempts_and_payload(finance, endpoint):
    delivery = due(endpoint, body=f'{{"a": "{HOSTILE}"}}')
    delivery.tries.create(at=timezone.now(), duration_ms=12, status_code=500, answer=HOSTILE)
    text = finance.get(f"{OFFICE}/webhookdelivery/{delivery.pk}/change/").text
    for shown in ("500", "12 ms", "Pending", endpoint.account.number, "&lt;script&gt;"):
        assert shown in text
    assert "<script>alert" not in text


def test_deliveries_are_filtered_by_state(finance, endpoint):
    failed = due(endpoint, state="failed")
    due(endpoint)
    page = finance.get(f"{OFFICE}/webhookdelivery/?state__exact=failed")
    assert [row.pk for row in page.context["cl"].result_list] == [failed.pk]


def test_deliveries_are_filtered_by_type_endpoint_and_number(finance, endpoint):
    wanted = due(endpoint, "EC7", "contract.official")
    due(endpoint, "EC7")
    due(endpoint, "EC8", "contract.official")
    due(endpoint_of(factories.AccountFactory()), "EC7", "contract.official")
    given = {"type": "contract.official", "endpoint": endpoint.pk, "q": "EC7"}

    def listed(**more) -> set[int]:
        found = finance.get(f"{OFFICE}/webhookdelivery/", given | more).context["cl"].result_list
        return {row.pk for row in found}

    assert listed() == {wanted.pk}
    assert len(listed(type="")) == len(listed(q="")) == 2
    assert wanted.pk in listed(endpoint="x" * 30)
    record = finance.get(f"{OFFICE}/webhookendpoint/{endpoint.pk}/change/").text
    assert f"?endpoint={endpoint.pk}" in record
    assert "0 of 3 delivered (0%)" in record


def test_what_a_customer_deleted_is_gone_from_the_office(finance, endpoint):
    delivery = due(endpoint)
    type(endpoint).objects.update(deleted_at=timezone.now(), disabled_at=timezone.now(), disabled_because="member")
    assert list(finance.get(f"{OFFICE}/webhookendpoint/").context["cl"].result_list) == []
    assert list(finance.get(f"{OFFICE}/webhookdelivery/").context["cl"].result_list) == []
    for address in (f"webhookendpoint/{endpoint.pk}", f"webhookdelivery/{delivery.pk}"):
        assert finance.get(f"{OFFICE}/{address}/change/").status_code == 404
