"""Calls that nobody thought of, by everybody: no error of ours, and every answer is one that the description has.

Schemathesis makes them from the description: values at the edges, of other types, missing, too many and at random,
always the same ones. Each call finds the same rows and leaves none behind.
"""

import re
from typing import Any

import pytest
from django.db import transaction

from accounts.access.actors import actor_of
from accounts.models import ApiToken
from api.throttling import WrongTokenThrottle
from contracts.verification.throttle import VerificationThrottle
from tests.api.conformance import schema
from tests.factories import MembershipFactory, OrderFactory, PaidOrderFactory, UserFactory, draft, official
from tests.undone import undone
from webhooks import endpoints
from webhooks.models import WebhookDelivery

pytestmark = [pytest.mark.exhaustive, pytest.mark.django_db]
EXAMPLES = 10
"""Random calls for each operation, besides those at the edges of what it takes."""
JOURNEYS, STEPS = 15, 12
NEEDS_MORE = ("positive_data_acceptance", "ignored_auth")
"""What the description cannot say in full (an order must be the account's), and what the matrix of roles tests."""


@pytest.fixture(autouse=True)
def _not_counted(settings, monkeypatch) -> None:
    settings.API_RATE = 1_000_000
    settings.WEBHOOK_ALLOW_PRIVATE = True
    for throttle in (VerificationThrottle, WrongTokenThrottle):
        monkeypatch.setattr(throttle, "quota", 1_000_000)


@pytest.fixture
def known(membership) -> dict[str, list[Any]]:
    """What there is to call for, by the names of parameters."""
    actor, account = actor_of(membership, "api"), membership.account
    endpoint = endpoints.create_endpoint(url="https://127.0.0.1:9/", by=actor)
    contracts = [draft(actor), draft(actor, type="payment_request"), official(actor)]
    return {
        "contracts": [contract.number for contract in contracts],
        "codes": [contract.verification_code for contract in contracts],
        "orders": [make(account=account).number for make in (OrderFactory, OrderFactory, PaidOrderFactory)],
        "accounts": [account.number],
        "endpoints": [endpoint.pk],
        "deliveries": [WebhookDelivery.objects.latest("pk").pk],
    }


@pytest.fixture
def roles(integrator, membership) -> dict[str, dict[str, str]]:
    """The headers by which each is known."""
    members = {role: MembershipFactory(account=membership.account, role=role) for role in ("finance", "viewer")}
    tokens = {role: ApiToken.for_member(member)[1] for role, member in {"owner": membership, **members}.items()}
    tokens["staff"] = ApiToken.for_integrator(UserFactory(is_staff=True))[1]  # without the permissions of integrators
    return {
        **{role: {"Authorization": f"Token {token}"} for role, token in tokens.items()},
        "integrator": {"Authorization": integrator.client.defaults["HTTP_AUTHORIZATION"]},
        "anonymous": {},
    }


@pytest.fixture
def description(known, application):
    import schemathesis  # takes a second

    def often(name: str) -> dict[str, Any]:
        return {"dictionary": name, "probability": 0.8}

    config = schemathesis.Config.from_dict(
        {
            "dictionaries": {name: {"values": values} for name, values in known.items()},
            "generation": {
                "deterministic": True,
                "max-examples": EXAMPLES,
                "with-security-parameters": False,
            },
            "checks": {name: {"enabled": False} for name in NEEDS_MORE},
            "operations": [
                {"include-path-regex": "/contracts/.number", "parameters": {"path.number": often("contracts")}},
                {"include-path-regex": "/orders/.number", "parameters": {"path.number": often("orders")}},
                {"include-path-regex": "/verify/.code", "parameters": {"path.code": often("codes")}},
                {
                    "include-path-regex": "/webhooks/.id",
                    "parameters": {"path.id": often("endpoints"), "path.delivery_pk": often("deliveries")},
                },
                {
                    "include-operation-id": "apply_for_contract",
                    "parameters": {"body.order_numbers[*]": often("orders")},
                },
                {"include-operation-id": "put_order", "parameters": {"body.account": often("accounts")}},
                {
                    "include-operation-id": "import_orders",
                    "parameters": {"body.orders[*].account": often("accounts")},
                    "checks": {
                        "negative_data_rejection": {"enabled": False}
                    },  # each order is refused by itself, in a 200
                },
            ],
        }
    )
    loaded = schemathesis.openapi.from_dict(schema(), config=config)
    loaded.app = application
    return loaded


def is_part_of_json(response: Any) -> bool:
    """Return True for a range of contract.json, which is no JSON by itself."""
    content_type = response.headers.get("content-type", [""])
    return response.status_code == 206 and "application/json" in str(content_type)


@pytest.mark.parametrize("things", ["account|exports|verify", "contracts", "orders", "webhooks"])
def test_every_answer_is_one_that_is_described(description, roles, subtests, things):
    from schemathesis.generation.feedback import FeedbackSources
    from schemathesis.pytest._test_builder import build_operation_test

    def call(case):
        for role, headers in roles.items():
            with transaction.atomic():
                try:
                    response = case.call(headers=headers)
                    if not is_part_of_json(response):
                        case.validate_response(response, headers=headers)
                except BaseException as error:
                    error.add_note(f"as {role}")
                    raise
                transaction.set_rollback(True)

    operations = [found.ok() for found in description.get_all_operations()]
    operations = [operation for operation in operations if re.match(f"/api/v1/({things})/", operation.path)]
    assert operations
    for operation in operations:
        with subtests.test(operation.label):
            # As the plugin builds it: what it has for schemas that are loaded in a test does not run on this pytest.
            build_operation_test(
                config=description.config,
                operation=operation,
                test_func=call,
                given_kwargs={},
                feedback=FeedbackSources(),
            )()


@pytest.mark.parametrize("role", ["owner", "finance", "viewer", "integrator", "staff"])
def test_every_answer_on_a_journey_is_one_that_is_described(description, roles, role):
    """Calls that use what earlier ones returned, as far as Schemathesis sees from the description what belongs to what.

    So drafts are read, changed, sealed and voided, endpoints changed and deleted, and called for afterwards.
    """
    from hypothesis import HealthCheck, Phase, settings

    class Journey(description.as_state_machine()):
        def setup(self) -> None:
            self.rows = undone()
            self.rows.__enter__()

        def teardown(self) -> None:
            self.rows.__exit__(None, None, None)

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": roles[role]}

        def validate_response(self, response: Any, *given: Any, **named: Any) -> None:
            if not is_part_of_json(response):
                super().validate_response(response, *given, **named)

    bounds = settings(
        max_examples=JOURNEYS,
        stateful_step_count=STEPS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    Journey.run(settings=bounds)
