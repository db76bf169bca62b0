"""Each change of a column that somebody can make beside the services, and the check that names it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection, models, transaction

from contracts.models import Contract, EvidenceStamp, SealKey, TrailSeal
from tests.factories import IssuerFactory
from tests.tampering import guards_lifted

REGISTERED = "{}: registered"
CONTENT = "The contract's content is as it was drafted"
OWNER = "The account and the version of the issuer are those it was drafted for"
LISTED = "The contract lists the orders it was drafted from"
BEGINS = "Its valid period begins when it became official"
RELEASED = "Orders are reserved while the contract is live, and released when it has ended"
RESERVED = "It reserves the orders that it names"
CHAIN = "The audit trail is complete: each event holds the hash of the previous one"
STATUS = "The audit trail records how the contract reached its status"
FILES = "The audit trail records each file as it is registered"
TICKETS = "The audit trail records each void ticket: who opened and decided it, when, and how"
APPROVALS = "The audit trail records each request for approval: who made and decided it, when, and how"
REASON = "It was voided for the reason of its approved ticket"
LISTS_NUMBERED = "The daily lists are numbered without a gap"
LIST_FOLLOWS = "The daily list follows the previous one"
LIST_STORED = "The daily list is stored, and signed by our seal"
LIST_AS_REGISTERED = "The daily list is as registered"
STAMPS_NUMBERED = "The stamps are numbered without a gap"
STAMP_STORED = "The stamp is stored as registered"
STAMP_COVERS = "The stamp covers the lists, their signatures and all earlier stamps"
STAMP_AS_REGISTERED = "The stamp is as registered"
USED_ONCE = "Each sealed document has exactly one use of the seal's key"
USE_AGREES = "The use of the seal's key agrees with the sealed document"
KEY_PINNED = "The pinned key of the seal is that of its certificate, and was pinned before it sealed"
DAY = timedelta(days=1)


class Change(NamedTuple):
    checked: Contract | None
    """The contract whose check finds it; None for the check of the sealed lists and their stamps."""
    row: models.Model
    columns: dict[str, Any]
    """The column that is tried, and what else its change needs to pass the database's constraints."""
    found_by: str

    @property
    def column(self) -> tuple[str, str]:
        return type(self.row).__name__, next(iter(self.columns))


@dataclass
class World:
    voided: Contract
    """By ticket, over two orders, in both languages."""
    invalid: Contract
    """A payment request contract that was official, with a lapsed ticket."""
    other: Contract
    """An official contract, approved after a rejected request, for what is moved there."""


def changes_of(world: World) -> Iterator[Change]:
    yield from _of_contract(world)
    yield from _of_lines(world)
    yield from _of_documents(world)
    yield from _of_tickets(world)
    yield from _of_approvals(world)
    yield from _of_events(world)
    yield from _of_clauses(world)
    yield from _of_seals()
    yield from _of_keys()
    yield from _of_stamps()
    yield from _of_uses(world)


def _of_uses(world: World) -> Iterator[Change]:
    use = world.voided.seal_uses.get(purpose="contract")
    for columns, found_by in (
        ({"purpose": "check"}, USED_ONCE),
        ({"contract": world.other}, USED_ONCE),
        ({"output_sha256": use.content_sha256}, USED_ONCE),
        ({"level": "B-T"}, USE_AGREES),
        ({"content_sha256": use.output_sha256}, USE_AGREES),
        ({"fingerprint": use.output_sha256}, USE_AGREES),
        ({"actor_id": 0}, USE_AGREES),
        ({"source": "api"}, USE_AGREES),
        ({"at": use.at - 2 * DAY}, USE_AGREES),
    ):
        yield Change(None, use, columns, found_by)


def _of_contract(world: World) -> Iterator[Change]:
    voided, invalid = world.voided, world.invalid
    party = {**voided.party_a, "name": "Renamed"}
    for columns, found_by in (
        ({"id": voided.pk + 1000}, STATUS),
        ({"number": "EC2345"}, CONTENT),
        ({"account": world.other.account}, OWNER),
        ({"type": "payment_request", "expires_at": voided.valid_until, "remittance_account": {}}, CONTENT),
        ({"status": "draft"}, STATUS),
        ({"language": "en"}, CONTENT),
        ({"is_test": True}, CONTENT),
        ({"currency": "USD"}, CONTENT),
        ({"po_number": "PO-2"}, CONTENT),
        ({"total_amount": voided.total_amount + 1}, CONTENT),
        ({"order_count": 3}, CONTENT),
        ({"verification_code": "ABCDEFGHJKLMNPQRSTVW"}, CONTENT),
        ({"verification_url": "https://forged.example.com/"}, CONTENT),
        ({"time_zone": "UTC"}, CONTENT),
        ({"party_a": party}, CONTENT),
        ({"party_b": {**voided.party_b, "bank_account": "1"}}, CONTENT),
        ({"order_numbers": voided.order_numbers[:1]}, LISTED),
        ({"issuer_version": IssuerFactory()}, OWNER),
        ({"clause_version": invalid.clause_version}, CONTENT),
        ({"applied_at": voided.applied_at - DAY}, CONTENT),
        ({"official_at": voided.official_at + DAY}, STATUS),
        ({"voided_at": voided.voided_at + DAY}, STATUS),
        ({"valid_until": voided.valid_until + DAY}, CONTENT),
        ({"void_reason": "Another"}, REASON),
    ):
        yield Change(voided, voided, columns, found_by)
    later = invalid.expires_at + DAY
    yield Change(
        invalid, invalid, {"remittance_account": {**invalid.remittance_account, "account_number": "1"}}, CONTENT
    )
    yield Change(invalid, invalid, {"expires_at": later}, CONTENT)
    yield Change(invalid, invalid, {"invalid_at": later}, STATUS)
    yield Change(invalid, invalid, {"valid_from": invalid.applied_at - DAY}, BEGINS)


def _of_lines(world: World) -> Iterator[Change]:
    first, second = world.voided.lines.all()
    yield Change(world.voided, first, {"id": second.pk + 1000}, CONTENT)
    yield Change(world.voided, first, {"contract": world.other}, CONTENT)
    yield Change(world.voided, first, {"order": world.invalid.lines.get().order}, RESERVED)
    yield Change(world.voided, first, {"snapshot": {**first.snapshot, "configuration": "8 vCPU"}}, CONTENT)
    yield Change(world.voided, first, {"released_at": first.released_at + DAY}, RELEASED)


def _of_documents(world: World) -> Iterator[Change]:
    documents = {document.kind: document for document in world.voided.documents.all()}
    draft, official, certificate = (documents[kind] for kind in ("draft", "official", "void_certificate"))
    yield Change(world.voided, certificate, {"contract": world.other}, REGISTERED.format("Void certificate"))
    sealed = world.invalid.documents.get(kind="official")
    yield Change(world.invalid, sealed, {"kind": "void_certificate"}, REGISTERED.format("Official"))
    yield Change(world.voided, draft, {"sha256": official.sha256}, FILES)
    yield Change(world.voided, draft, {"size": draft.size + 1}, FILES)
    yield Change(world.voided, official, {"pages": official.pages + 1}, FILES)
    yield Change(world.voided, certificate, {"created_at": certificate.created_at + DAY}, FILES)
    yield Change(world.voided, certificate, {"level": "B-T"}, FILES)


def _of_tickets(world: World) -> Iterator[Change]:
    ticket, lapsed = world.voided.void_tickets.get(), world.invalid.void_tickets.get()
    yield Change(world.voided, ticket, {"id": ticket.pk + 1000}, TICKETS)
    yield Change(world.voided, ticket, {"contract": world.other}, TICKETS)
    yield Change(world.voided, ticket, {"status": "rejected"}, TICKETS)
    yield Change(world.voided, ticket, {"reason": "Another"}, REASON)
    yield Change(world.voided, ticket, {"opened_by": ticket.decided_by}, TICKETS)
    yield Change(world.voided, ticket, {"opened_at": ticket.opened_at - DAY}, TICKETS)
    yield Change(world.voided, ticket, {"decided_by": ticket.opened_by}, TICKETS)
    yield Change(world.invalid, lapsed, {"decided_at": lapsed.decided_at + DAY}, TICKETS)


def _of_approvals(world: World) -> Iterator[Change]:
    rejected, approved = world.other.approvals.order_by("pk")
    yield Change(world.other, approved, {"id": approved.pk + 1000}, APPROVALS)
    yield Change(world.other, approved, {"contract": world.voided}, APPROVALS)
    yield Change(world.other, rejected, {"status": "withdrawn"}, APPROVALS)
    yield Change(world.other, approved, {"draft_sha256": "0" * 64}, APPROVALS)
    yield Change(world.other, rejected, {"requested_by": world.voided.void_tickets.get().decided_by}, APPROVALS)
    yield Change(world.other, approved, {"requested_at": approved.requested_at - DAY}, APPROVALS)
    yield Change(world.other, approved, {"decided_by": world.voided.void_tickets.get().decided_by}, APPROVALS)
    yield Change(world.other, approved, {"decided_at": approved.decided_at + DAY}, APPROVALS)


def _of_events(world: World) -> Iterator[Change]:
    event = world.voided.events.get(kind="ticket_approved")
    for columns in (
        {"contract": world.other, "position": 9},
        {"position": 9},
        {"ticket": None},
        {"kind": "ticket_rejected"},
        {"actor_id": 1},
        {"source": "api"},
        {"at": event.at + DAY},
        {"data": {"sha256": "00"}},
        {"previous": event.hash},
        {"hash": event.previous},
    ):
        yield Change(world.voided, event, columns, CHAIN)


def _of_clauses(world: World) -> Iterator[Change]:
    version = world.voided.clause_version
    clause = version.clauses.first()
    yield Change(world.voided, version, {"id": version.pk + 1000}, CONTENT)
    yield Change(world.voided, version, {"version": 9}, CONTENT)
    yield Change(world.voided, clause, {"version": world.invalid.clause_version}, CONTENT)
    yield Change(world.voided, clause, {"position": 99}, CONTENT)
    for name in ("heading_en", "text_en", "heading_zh", "text_zh"):
        yield Change(world.voided, clause, {name: f"{getattr(clause, name)}."}, CONTENT)
    yield Change(world.voided, clause, {"set_apart": True}, CONTENT)


def _of_seals() -> Iterator[Change]:
    seal = TrailSeal.objects.get()
    yield Change(None, seal, {"number": 2}, LISTS_NUMBERED)
    yield Change(None, seal, {"previous": seal.root}, LIST_FOLLOWS)
    yield Change(None, seal, {"sha256": seal.signature_sha256}, LIST_STORED)
    yield Change(None, seal, {"signature_sha256": seal.sha256}, LIST_STORED)
    yield Change(None, seal, {"root": seal.sha256}, LIST_AS_REGISTERED)
    for name in ("day", "sealed_at"):
        yield Change(None, seal, {name: getattr(seal, name) + DAY}, LIST_AS_REGISTERED)
    for name in ("documents", "contracts", "last_event", "last_document"):
        yield Change(None, seal, {name: getattr(seal, name) + 1}, LIST_AS_REGISTERED)


def _of_keys() -> Iterator[Change]:
    key = SealKey.objects.get()
    yield Change(None, key, {"fingerprint": "0" * 64}, KEY_PINNED)
    yield Change(None, key, {"certificate": "none"}, KEY_PINNED)
    yield Change(None, key, {"subject": "A rival"}, KEY_PINNED)
    yield Change(None, key, {"first_sealed_at": key.first_sealed_at + 2 * DAY}, KEY_PINNED)


def _of_stamps() -> Iterator[Change]:
    stamp = EvidenceStamp.objects.get()
    yield Change(None, stamp, {"number": 2}, STAMPS_NUMBERED)
    yield Change(None, stamp, {"first_list": 0}, STAMP_COVERS)
    yield Change(None, stamp, {"last_list": 2}, STAMP_COVERS)
    yield Change(None, stamp, {"sha256": stamp.token_sha256}, STAMP_STORED)
    yield Change(None, stamp, {"token_sha256": stamp.sha256}, STAMP_STORED)
    yield Change(None, stamp, {"root": stamp.sha256}, STAMP_AS_REGISTERED)
    for name in ("stamped_at", "ends_at", "renew_at"):
        yield Change(None, stamp, {name: getattr(stamp, name) + DAY}, STAMP_AS_REGISTERED)


@contextmanager
def database_refuses_nothing() -> Iterator[None]:
    """Inside, no trigger, reference or check of a contract's row keeps a superuser of the database from anything."""
    with guards_lifted(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = 'contracts_contract'::regclass AND contype = 'c'"
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE contracts_contract DROP CONSTRAINT {name}")
        else:
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        try:
            yield
        finally:
            if connection.vendor == "postgresql":
                cursor.execute("RESET session_replication_role")
            else:
                cursor.execute("PRAGMA ignore_check_constraints = OFF")


@contextmanager
def made(change: Change) -> Iterator[None]:
    """Inside, the change is made; models refuse nothing either."""
    with transaction.atomic():
        rows: Any = models.QuerySet(type(change.row))
        assert rows.filter(pk=change.row.pk).update(**change.columns) == 1
        yield
        transaction.set_rollback(True)
