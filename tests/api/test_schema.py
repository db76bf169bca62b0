"""The API's own description is valid, whole, checked in, and shown on a page under the strict policy."""

import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import URLPattern, get_resolver
from django.utils import timezone
from jsonschema import Draft202012Validator, FormatChecker

from accounts.access.actors import actor_of
from api.schema_examples import EXAMPLES
from common.errors import STATUS_OF_CODE
from contracts.services import (
    convert_to_official,
    invalidate_due,
    reject_void,
    request_approval,
    request_void,
    void_draft,
    withdraw_approval,
)
from orders.services import cancel_unpaid, record_payment
from tests import factories
from tests.api.conformance import operation_of, schema
from webhooks import endpoints
from webhooks.event_types import EVENT_TYPES
from webhooks.models import WebhookDelivery

CHECKED_IN = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
NOT_OF_AN_OPERATION = {"method_not_allowed", "internal_error"}


def test_it_is_valid_and_nothing_had_to_be_guessed(tmp_path):
    file = str(tmp_path / "openapi.json")
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", "--file", file)


def test_the_checked_in_copy_is_current():
    assert json.loads(CHECKED_IN.read_text()) == json.loads(json.dumps(schema())), "run make schema"


def test_every_problem_code_is_described_where_it_may_come():
    described = set()
    for path in schema()["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                for code in response.get("content", {}).get("application/problem+json", {}).get("examples", {}):
                    assert STATUS_OF_CODE[code] == int(status)
                    described.add(code)
    assert described == set(STATUS_OF_CODE) - NOT_OF_AN_OPERATION


def test_every_address_of_the_api_is_described():
    patterns = next(part for part in get_resolver().url_patterns if str(part.pattern) == "api/v1/").url_patterns
    [ours] = [part for part in patterns if not isinstance(part, URLPattern)]
    others = [str(part.pattern) for part in patterns if isinstance(part, URLPattern)]
    assert others == ["schema/", "docs/", ""]  # itself, its pages, and any other address
    for route in ours.url_patterns:
        path = "/api/v1/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(route.pattern)).replace("{pk}", "{id}")
        assert path in schema()["paths"], path
        methods = {name for name in ("get", "post", "put", "patch", "delete") if hasattr(route.callback.cls, name)}
        assert set(schema()["paths"][path]) == methods
    assert operation_of("GET", "/api/v1/nothing/") is None


def test_every_operation_has_a_name_and_a_summary():
    operations = [operation for path in schema()["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert all(operation["summary"] for operation in operations)


@pytest.mark.django_db
def test_webhooks_say_what_their_description_says(membership, integrator, clock, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    actor = actor_of(membership, "page")
    endpoint = endpoints.create_endpoint(url="http://127.0.0.1:9/", by=actor)
    endpoints.send_test_event(endpoint=endpoint, by=actor)
    void_draft(contract=factories.draft(actor), by=actor)
    contract = convert_to_official(contract=factories.draft(actor), by=actor)
    staff = factories.staff()
    reject_void(ticket=request_void(contract=contract, reason="wrong", by=actor), note="n", by=staff)
    request = factories.draft(actor, type="payment_request")
    cancel_unpaid(order=request.lines.get().order, by=actor)
    invalidate_due(now=timezone.now())
    actor.own_account.approval_required_from = {"CNY": "0"}
    actor.own_account.save()
    approval = request_approval(contract=factories.draft(actor), by=actor)
    withdraw_approval(approval=approval, by=actor)
    order = factories.OrderFactory(account=actor.own_account)
    record_payment(order=order, paid_at=order.ordered_at, by=staff)
    for row in integrator.get("orders/", {"status": "paid"}).json()["results"]:
        integrator.put(f"orders/{row['number']}/", row | {"status": "refunded"})

    deliveries = WebhookDelivery.objects.all()
    assert {delivery.type for delivery in deliveries} == {*EVENT_TYPES, WebhookDelivery.TEST}
    union = {"$ref": "#/components/schemas/Event"}
    for delivery in deliveries:
        described = schema()["webhooks"][delivery.type]["post"]["requestBody"]["content"]["application/json"]["schema"]
        for shape in (described, union):
            Draft202012Validator({**shape, "components": schema()["components"]}).validate(json.loads(delivery.body))


def test_generators_get_what_they_need():
    described = schema()
    components = described["components"]["schemas"]
    assert not components.keys() & {"Error", "File", "Result", "Try", "Details", "NullEnum"}
    types = {*EVENT_TYPES, WebhookDelivery.TEST}
    assert set(components["Event"]["discriminator"]["mapping"]) == set(described["webhooks"]) == types
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    names = {tag["name"] for tag in described["tags"]}
    for operation in operations:
        assert set(operation["tags"]) <= names
        assert "security" in operation
        for status, response in operation["responses"].items():
            if status >= "400":
                problem = response["content"]["application/problem+json"]["schema"]
                assert problem == {"$ref": "#/components/schemas/Problem"}
    public = [operation["operationId"] for operation in operations if operation["security"] == []]
    assert public == ["verify_file", "verify_code"]
    for item in described["webhooks"].values():
        assert item["post"]["operationId"]
        headers = {parameter["name"] for parameter in item["post"]["parameters"]}
        assert headers == {"webhook-id", "webhook-timestamp", "webhook-signature"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_what_they_show(name):
    shape = {"$ref": f"#/components/schemas/{name}", "components": schema()["components"]}
    Draft202012Validator(shape, format_checker=FormatChecker()).validate(EXAMPLES[name])
    described = schema()["components"]["schemas"][name]
    assert set(described["required"]) <= set(EXAMPLES[name]) <= set(described["properties"])


@pytest.mark.django_db
def test_it_is_served(client):
    answer = client.get("/api/v1/schema/")
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")
