"""API reference, by everybody: what they get, and that a refusal changes nothing (R26)."""

import json
from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.access.actors import actor_of
from accounts.models import (
    Account,
    ApiToken,
    CertificationRequest,
    IdempotentRequest,
    Membership,
    PartyProfile,
)
from billing.models import LedgerEntry
from contracts.bulk.batches import create_batch
from contracts.models import Approval, AuditEvent, Batch, Contract, VoidTicket
from contracts.services import approve_void, convert_to_official, request_approval, request_void
from exports.models import Export
from orders.models import Order
from tests import factories
from tests.api.conformance import schema
from tests.conftest import Api
from tests.factories import MembershipFactory, OrderFactory, PaidOrderFactory, UserFactory, draft
from tests.undone import undone
from webhooks import endpoints
from webhooks.feed import number_events
from webhooks.models import WebhookDelivery, WebhookEndpoint

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R26"), pytest.mark.usefixtures("clock", "issuer")]
ROLES = ("anonymous", "stranger", "viewer", "reader", "finance", "owner", "integrator", "staff", "registrar")
"""A reader is an owner's token that may only read; staff have a token and no account.

An integrator's token has the scope `orders`, a registrar's the scope `accounts`.
"""
PERMISSIONS = {"integrator": "integrate", "registrar": "integrate_accounts", "staff": "decide_voidticket"}
# For each call, the status for each of ROLES in turn.
READ = (401, 404, 200, 200, 200, 200, 403, 403, 403)
OWN = (401, 200, 200, 200, 200, 200, 403, 403, 403)
ACT = (401, 404, 403, 403, 200, 200, 403, 403, 403)
OWNERS = (401, 404, 404, 200, 404, 200, 403, 403, 403)  # an export is for who asked for it
REGISTRARS = (401, 403, 403, 403, 403, 403, 403, 403, 200)
ADDING = (*REGISTRARS[:-1], 201)
AGAIN = (401, 404, 403, 403, 202, 202, 404, 403, 403)
EVERYBODY = (200,) * len(ROLES)
MATRIX = {
    ("GET", "/api/v1/account/"): OWN,
    ("PATCH", "/api/v1/account/"): (401, 200, 403, 403, 403, 200, 403, 403, 403),
    ("GET", "/api/v1/accounts/"): REGISTRARS,
    ("POST", "/api/v1/accounts/"): ADDING,
    ("POST", "/api/v1/accounts/import/"): REGISTRARS,
    ("GET", "/api/v1/accounts/{number}/"): REGISTRARS,
    ("PATCH", "/api/v1/accounts/{number}/"): REGISTRARS,
    ("GET", "/api/v1/accounts/{number}/members/"): REGISTRARS,
    ("POST", "/api/v1/accounts/{number}/members/"): ADDING,
    ("PATCH", "/api/v1/accounts/{number}/members/{username}/"): REGISTRARS,
    ("DELETE", "/api/v1/accounts/{number}/members/{username}/"): (*REGISTRARS[:-1], 204),
    ("GET", "/api/v1/contracts/"): OWN,
    ("POST", "/api/v1/contracts/"): (401, 400, 403, 403, 201, 201, 403, 403, 403),
    ("GET", "/api/v1/contracts/export/"): OWN,
    ("GET", "/api/v1/contracts/download/"): (401, 400, 200, 200, 200, 200, 403, 403, 403),
    ("POST", "/api/v1/contracts/batches/"): (401, 400, 403, 403, 202, 202, 403, 403, 403),
    ("GET", "/api/v1/contracts/batches/{id}/"): READ,
    ("GET", "/api/v1/exports/{id}/"): OWNERS,
    ("GET", "/api/v1/exports/{id}/file/"): OWNERS,
    ("GET", "/api/v1/contracts/{number}/"): READ,
    ("PATCH", "/api/v1/contracts/{number}/"): ACT,
    ("POST", "/api/v1/contracts/{number}/convert/"): ACT,
    ("POST", "/api/v1/contracts/{number}/approval/"): (401, 404, 403, 403, 201, 201, 403, 403, 403),
    ("DELETE", "/api/v1/contracts/{number}/approval/"): (401, 404, 403, 403, 403, 200, 403, 403, 403),
    ("POST", "/api/v1/contracts/{number}/approval/decision/"): (401, 404, 403, 403, 403, 200, 403, 403, 403),
    ("POST", "/api/v1/contracts/{number}/void/"): ACT,
    ("GET", "/api/v1/contracts/{number}/void-tickets/"): READ,
    ("POST", "/api/v1/contracts/{number}/void-tickets/"): (401, 404, 403, 403, 201, 201, 403, 403, 403),
    ("GET", "/api/v1/contracts/{number}/document/"): READ,
    ("GET", "/api/v1/contracts/{number}/data/"): READ,
    ("GET", "/api/v1/contracts/{number}/evidence/"): READ,
    ("GET", "/api/v1/contracts/{number}/void-certificate/"): READ,
    ("GET", "/api/v1/orders/"): (401, 200, 200, 200, 200, 200, 200, 403, 403),
    ("POST", "/api/v1/orders/import/"): (401, 403, 403, 403, 403, 403, 200, 403, 403),
    ("GET", "/api/v1/orders/{number}/"): (401, 404, 200, 200, 200, 200, 200, 403, 403),
    ("PUT", "/api/v1/orders/{number}/"): (401, 403, 403, 403, 403, 403, 200, 403, 403),
    ("POST", "/api/v1/orders/{number}/pay/"): (401, 404, 403, 403, 200, 200, 200, 403, 403),
    ("POST", "/api/v1/orders/{number}/cancel/"): (401, 404, 403, 403, 200, 200, 200, 403, 403),
    ("GET", "/api/v1/events/"): (401, 200, 200, 200, 200, 200, 200, 403, 403),
    ("GET", "/api/v1/verify/{code}/"): EVERYBODY,
    ("POST", "/api/v1/verify/"): EVERYBODY,
    ("GET", "/api/v1/webhooks/"): (401, 200, 200, 200, 200, 200, 200, 403, 403),
    ("POST", "/api/v1/webhooks/"): (401, 201, 403, 403, 201, 201, 201, 403, 403),
    ("GET", "/api/v1/webhooks/{id}/"): (401, 404, 200, 200, 200, 200, 404, 403, 403),
    ("PATCH", "/api/v1/webhooks/{id}/"): (401, 404, 403, 403, 200, 200, 404, 403, 403),
    ("DELETE", "/api/v1/webhooks/{id}/"): (401, 404, 403, 403, 204, 204, 404, 403, 403),
    ("POST", "/api/v1/webhooks/{id}/rotate-secret/"): (401, 404, 403, 403, 200, 200, 404, 403, 403),
    ("POST", "/api/v1/webhooks/{id}/test/"): (401, 404, 403, 403, 202, 202, 404, 403, 403),
    ("POST", "/api/v1/webhooks/{id}/redeliver/"): AGAIN,
    ("GET", "/api/v1/webhooks/{id}/deliveries/"): (401, 404, 200, 200, 200, 200, 404, 403, 403),
    ("POST", "/api/v1/webhooks/{id}/deliveries/{delivery_pk}/redeliver/"): (
        401,
        404,
        403,
        403,
        202,
        202,
        404,
        403,
        403,
    ),
}


def test_every_call_is_in_the_matrix():
    calls = {(method.upper(), path) for path, item in schema()["paths"].items() for method in item}
    assert set(MATRIX) == calls


def calling(membership, role: str) -> Api:
    account = membership.account
    if role in ("viewer", "finance"):
        return Api(MembershipFactory(account=account, role=role))
    if role == "stranger":
        return Api(MembershipFactory())
    api = Api(membership if role == "owner" else None)
    secret = ""
    if role == "reader":
        secret = ApiToken.for_member(membership, scope="read")[1]
    elif role in PERMISSIONS:
        user = UserFactory(is_staff=role == "staff")
        user.user_permissions.add(Permission.objects.get(codename=PERMISSIONS[role]))
        secret = ApiToken.for_integrator(user)[1]
    if secret:
        api.client.defaults["HTTP_AUTHORIZATION"] = f"Token {secret}"
    return api


class World:
    """What there is to call for, all of one account."""

    def __init__(self, membership, settings) -> None:
        settings.WEBHOOK_ALLOW_PRIVATE = True
        self.actor = actor = actor_of(membership, "api")
        self.endpoint = endpoints.create_endpoint(url="https://127.0.0.1:9/", by=actor)
        self.contract = draft(actor)
        self.delivery = WebhookDelivery.objects.filter(endpoint=self.endpoint).first()
        self.order = OrderFactory(account=membership.account)
        self.batch = create_batch(action=Batch.Action.VOID, numbers=[self.contract.number], by=actor)
        self.export = Export.objects.create(
            account=membership.account,
            user=membership.user,
            exporter="contracts",
            parameters={},
            format="csv",
            language="en",
            status="ready",
            requested_at=self.contract.applied_at,
        )
        default_storage.save(self.export.path, ContentFile(b"Contract No."))
        self.member = MembershipFactory(account=membership.account, role="viewer")
        self.paid = PaidOrderFactory(account=membership.account)
        self.rows = {"/batches/": self.batch, "/exports/": self.export}

    def prepare(self, method: str, path: str) -> None:
        """What the call is about, where a draft and unpaid orders are not it."""
        if "/approval/" in path:
            self.contract.account.approval_required_from = {"CNY": "0"}
            self.contract.account.save()
        if path.endswith("/decision/") or (method == "DELETE" and path.endswith("/approval/")):
            request_approval(contract=self.contract, by=factories.member("finance", self.contract.account))
        if path.endswith(("/void-tickets/", "/void-certificate/")):
            convert_to_official(contract=self.contract, by=self.actor)
        if path.endswith("/void-certificate/"):
            ticket = request_void(contract=self.contract, reason="wrong company", by=self.actor)
            approve_void(ticket=ticket, by=factories.staff())
        if path.endswith("/events/"):
            number_events()
        if path.endswith("/pay/"):
            LedgerEntry.objects.create(
                account=self.order.account, amount=self.order.payable_amount, booked_at=self.order.ordered_at
            )

    def path(self, path: str) -> str:
        numbers = {"/orders/": self.order.number, "/accounts/": self.order.account.number}
        [number] = [number for name, number in numbers.items() if name in path] or [self.contract.number]
        [id_] = [row.pk for name, row in self.rows.items() if name in path] or [self.endpoint.pk]
        ids = {
            "username": self.member.user.username,
            "id": id_,
            "delivery_pk": self.delivery.pk,
            "code": self.contract.verification_code,
        }
        return path.format(number=number, **ids)

    def body(self, method: str, path: str, *, role: str = "integrator") -> dict:
        told = {
            "number": self.order.number,
            "account": self.order.account.number,
            "kind": "new",
            "quantity": 1,
            "product": {"code": self.order.product.code, "name": self.order.product.name},
            "currency": "CNY",
            "list_amount": "1200.00",
            "payable_amount": "1080.50",
            "status": "unpaid",
            "ordered_at": self.order.ordered_at.isoformat(),
        }
        person = {"username": "mei", "email": "mei@customer.example"}
        customer = {"number": "A-1", "name": "Harbour Ltd.", "currency": "CNY", "owner": person}
        bodies = {
            "/api/v1/account/": {"document_language": "both"},
            "/api/v1/accounts/": customer,
            "/api/v1/accounts/import/": {"accounts": [customer]},
            "/api/v1/accounts/{number}/": {"name": "Harbour Ltd.", "party_a": {"contact": "Mei"}},
            "/api/v1/accounts/{number}/members/": {**person, "role": "finance"},
            "/api/v1/accounts/{number}/members/{username}/": {"role": "finance"} if method == "PATCH" else {},
            "/api/v1/contracts/": {"type": "order", "order_numbers": [self.paid.number]},
            "/api/v1/contracts/batches/": {"action": "void", "numbers": [self.contract.number]},
            "/api/v1/contracts/{number}/": {"remarks": "seen"},
            "/api/v1/contracts/{number}/approval/decision/": {"decision": "approve"},
            "/api/v1/contracts/{number}/void-tickets/": {"reason": "wrong company"},
            "/api/v1/orders/import/": {"orders": [told]},
            "/api/v1/orders/{number}/": told,
            "/api/v1/orders/{number}/pay/": {"paid_at": self.order.ordered_at.isoformat()},
            "/api/v1/webhooks/": {"url": "https://127.0.0.1:9/other"},
            "/api/v1/webhooks/{id}/": {"description": "ours"},
        }
        if path.endswith("/pay/") and role != "integrator":
            return {"amount": "1080.50"}
        return bodies.get(path, {}) if method not in ("GET", "DELETE") else {}


WRITTEN = (
    Account,
    CertificationRequest,
    Membership,
    PartyProfile,
    get_user_model(),
    Approval,
    Batch,
    Contract,
    AuditEvent,
    VoidTicket,
    Order,
    LedgerEntry,
    WebhookEndpoint,
    WebhookDelivery,
    IdempotentRequest,
)


def everything() -> Iterator[list]:
    """All rows that a call might change."""
    for model in WRITTEN:
        yield list(model.objects.order_by("pk").values())


def test_who_may_not_act_is_told_that_whatever_the_body_is(membership, settings, subtests):
    world, viewer = World(membership, settings), calling(membership, "viewer")
    acts = [call for call in MATRIX if call[0] in ("PATCH", "POST", "PUT") and MATRIX[call] != EVERYBODY]
    assert acts
    for method, path in acts:
        with subtests.test(f"{method} {path}"), undone():
            answer = viewer.client.generic(method, world.path(path), '{"nonsense": 1}', content_type="application/json")
            assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize("role", ROLES)
def test_each_gets_what_is_theirs(membership, settings, subtests, role):
    world, caller = World(membership, settings), calling(membership, role)
    for (method, path), statuses in MATRIX.items():
        status = statuses[ROLES.index(role)]
        with subtests.test(f"{method} {path}"), undone():
            world.prepare(method, path)
            before = list(everything())
            answer = call(caller, world, method, path, role)
            if answer.streaming:
                b"".join(answer.streaming_content)  # which closes the file
            assert answer.status_code == status, path
            if status >= 400 or method == "GET":
                assert list(everything()) == before


def call(caller: Api, world: World, method: str, path: str, role: str):
    if path == "/api/v1/verify/":
        return caller.client.post(path, {"file": SimpleUploadedFile("a.pdf", b"no PDF")})
    body = world.body(method, path, role=role)
    return caller.client.generic(
        method, world.path(path), json.dumps(body) if body else "", content_type="application/json"
    )
