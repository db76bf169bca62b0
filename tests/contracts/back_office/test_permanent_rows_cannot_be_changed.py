"""A superuser goes to every address of the back office and sends everything there: permanent rows stay as they are."""

import datetime
import hashlib
import logging
from collections.abc import Callable, Iterator

import pytest
from django.contrib import admin
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.test import Client

from accounts.models import CertificationRequest, Issuer
from billing.models import LedgerEntry
from contracts.models import (
    AuditEvent,
    Clause,
    ClauseVersion,
    Contract,
    ContractDocument,
    ContractOrder,
    SealUse,
    VoidTicket,
)
from orders.admin.orders import OrderAdmin
from orders.models import Order
from tests import factories
from tests.contracts.back_office.marks import Marks
from tests.contracts.back_office.office import is_open, open_office, someone
from tests.contracts.back_office.walk import LATEST, Address, addresses, routes

pytestmark = [pytest.mark.exhaustive, pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]

PERMANENT_ROWS = {
    Contract: Contract.objects.all,
    ContractOrder: ContractOrder.objects.all,
    ContractDocument: ContractDocument.objects.all,
    VoidTicket: VoidTicket.objects.all,
    AuditEvent: AuditEvent.objects.all,
    SealUse: SealUse.objects.all,
    LedgerEntry: LedgerEntry.objects.all,
    Order: Order.objects.all,
    CertificationRequest: CertificationRequest.objects.all,
    ClauseVersion: lambda: ClauseVersion.objects.filter(published_at__isnull=False),
    Clause: lambda: Clause.objects.filter(version__published_at__isnull=False),
    Issuer: lambda: Issuer.objects.filter(published_at__isnull=False),
}
Change = Callable[[models.Model], list[models.Model]]


def nothing(row) -> list:
    return []


def itself(row) -> list:
    return [row]


def all_of_the_contract(ticket) -> list:
    return [ticket, ticket.contract, *ticket.contract.lines.all()]


DECISIONS: dict[str, tuple[Change, set[type[models.Model]]]] = {
    "contracts_voidticket_approve": (all_of_the_contract, {AuditEvent, ContractDocument, SealUse}),
    "contracts_voidticket_reject": (itself, {AuditEvent}),
    "accounts_certificationrequest_approve": (itself, set()),
    "accounts_certificationrequest_reject": (itself, set()),
    "contracts_clauseversion_publish": (nothing, {ClauseVersion, Clause}),
    "accounts_issuer_publish": (nothing, {Issuer}),
    "billing_ledgerentry_book": (nothing, {LedgerEntry}),
    "billing_ledgerentry_statement": (nothing, {LedgerEntry}),
    "billing_ledgerentry_reverse": (nothing, {LedgerEntry}),
}
"""What staff may do to permanent rows: address → the rows that it changes, and of what it adds rows."""
SIGNING = "contracts_contract_evidence"
"""The address that signs what it answers with, which is a use of the seal's key."""


def permanent_rows() -> dict[tuple[type[models.Model], int], dict]:
    """Without the time of the latest change, which moves with what happens beside the row, such as a decision."""
    found = {(model, row["id"]): row for model, rows in PERMANENT_ROWS.items() for row in rows().values()}
    return {key: {name: value for name, value in row.items() if name != "updated_at"} for key, row in found.items()}


def changes(before: dict, after: dict) -> set[tuple[type[models.Model], int]]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


class Walker:
    """Goes to addresses, each time from the same beginning; `wrong` is what it found there."""

    def __init__(self) -> None:
        self.session = someone("superuser").cookies
        self.before = permanent_rows()
        self.wrong: list[str] = []

    def go(self, address: Address) -> None:
        page = self.send("GET", address)
        for body in bodies(address, page):
            self.send("POST", address, body)
        if address.row or not address.model:
            for method in ("PUT", "PATCH", "DELETE"):
                self.send(method, address, plausible(address))

    def send(self, method: str, address: Address, body: dict | None = None):
        client = Client(raise_request_exception=False)
        client.cookies = self.session.copy()
        way = getattr(client, method.lower())
        sent = body if method in ("GET", "POST") else None
        with transaction.atomic():
            answer = way(address.url, sent) if sent is not None else way(address.url)
            if answer.streaming:
                b"".join(answer.streaming_content)  # which closes the file
            changed = changes(self.before, permanent_rows()) - self.expected(method, address)
            transaction.set_rollback(True)
        where = f"{method} {address.url} {body or ''}"
        if answer.status_code >= 500:
            self.wrong.append(f"{where}: {answer.status_code}")
        self.wrong += [f"{where}: {model.__name__} {pk}" for model, pk in changed]
        return answer

    def expected(self, method: str, address: Address) -> set[tuple[type[models.Model], int]]:
        if address.name == SIGNING:
            return {key for key in permanent_rows().keys() - self.before.keys() if key[0] is SealUse}
        if method != "POST" or address.name not in DECISIONS or (address.row and not is_open(address.row)):
            return set()
        changed, added = DECISIONS[address.name]
        rows = {(type(row), row.pk) for row in changed(address.row)} if address.row else set()
        return rows | {key for key in permanent_rows().keys() - self.before.keys() if key[0] in added}


def bodies(address: Address, page) -> Iterator[dict]:
    """All that somebody could send there: what its forms hold, each of its buttons, and what no form of it has."""
    yield plausible(address)
    html = page.status_code == 200 and not page.streaming and page["Content-Type"].startswith("text/html")
    for form in Marks(page.text).forms if html else ():
        if form.method != "post" or form.action:
            continue  # sent elsewhere: the walk gets there
        files = {name: ContentFile(b"a,b\n1,2\n", "file.csv") for name in form.files}
        filled = {name: given if any(given) else ["1"] for name, given in form.fields.items()}
        yield {**filled, **files, "_save": "Save"}
        yield {**form.fields, **plausible(address, form.fields), **files}
    if address.name.endswith("_changelist"):
        yield from on_a_list(address)


def on_a_list(address: Address) -> Iterator[dict]:
    model = address.model
    assert model
    ids = list(model._base_manager.order_by("-pk").values_list("pk", flat=True))
    model_admin = admin.site._registry[model]
    actions = [given[1] for given in model_admin._get_base_actions()]
    decisions = [decision.name for decision in getattr(model_admin, "decisions", ())]
    for action in {"delete_selected", *actions, *decisions}:
        for chosen in (ids, *([each] for each in ids[:LATEST])):  # one that must stay would save those beside it
            yield {"action": action, "_selected_action": chosen, "post": "yes", "index": "0"}
        yield {"action": action, "_selected_action": ids, "post": "yes", "index": "0", "select_across": "1"}
    rows: dict = {"form-TOTAL_FORMS": len(ids), "form-INITIAL_FORMS": len(ids), "_save": "Save"}
    for i, row in enumerate(model._base_manager.all()):
        rows |= {f"form-{i}-{name}": value for name, value in plausible(Address("", "", "", model, row)).items()}
        rows |= {f"form-{i}-id": row.pk}
    yield rows


def plausible(address: Address, known: dict | None = None) -> dict:
    """Another value for every field of the model; `known` are those of a form, whose hidden parts stay."""
    given = {"_save": "Save", "post": "yes", "note": "Changed", "reason": "Changed"}
    for field in address.model._meta.concrete_fields if address.model else ():
        given |= other(field, getattr(address.row, field.attname, None))
    return given | {name: value for name, value in (known or {}).items() if name == "seen"}


def other(field: models.Field, now) -> dict[str, object]:
    """A value that the field could take, and that it has not, as forms send it."""
    if field.primary_key:
        return {field.name: now or 1}
    if isinstance(field, models.DateTimeField):
        return {field.name: "2026-01-01 00:00", f"{field.name}_0": "2026-01-01", f"{field.name}_1": "00:00"}
    if isinstance(field, models.BooleanField):
        return {} if now else {field.name: "on"}  # a box that is not ticked is not sent
    return {field.name: other_value(field, now)}


def other_value(field: models.Field, now) -> object:
    if field.choices:
        return next(value for value, _ in field.flatchoices if value != now)
    if field.is_relation:
        return field.related_model._base_manager.exclude(pk=now).values_list("pk", flat=True).first() or now or ""
    typed = {models.DateField: datetime.date(2026, 1, 1), models.IntegerField: 7, models.DecimalField: 7}
    typed |= {models.JSONField: "{}"}
    return next((value for kind, value in typed.items() if isinstance(field, kind)), "changed")


def files_in(folder) -> dict[str, str]:
    return {str(f): hashlib.sha256(f.read_bytes()).hexdigest() for f in folder.rglob("*") if f.is_file()}


@pytest.fixture
def walker(caplog) -> Walker:
    caplog.set_level(logging.CRITICAL, "django")  # of what is refused, of which there is much
    open_office()
    return Walker()


PARTS = {model._meta.label: model for model in admin.site._registry} | {"the rest": None}


@pytest.mark.rule("R5")
@pytest.mark.rule("R23")
@pytest.mark.rule("R27")
@pytest.mark.parametrize("part", PARTS)
def test_nothing_sent_to_any_address_changes_permanent_rows(walker, files, part):
    before = files_in(files)
    mine = addresses(models=[PARTS[part]])

    for address in mine:
        walker.go(address)

    assert walker.wrong == []
    assert mine
    assert before.items() <= files_in(files).items()


def test_the_walk_goes_to_every_pattern_and_to_a_row_of_every_model_in_every_state():
    open_office()
    there = addresses()

    assert {each.route for each in there} == {route for _, route in routes()}
    assert {type(each.row) for each in there if each.row} == set(admin.site._registry)
    for model, field in ((Contract, "status"), (VoidTicket, "status"), (ContractDocument, "kind")):
        states = {getattr(each.row, field) for each in there if isinstance(each.row, model)}
        assert states == {value for value, _ in model._meta.get_field(field).flatchoices}
    assert DECISIONS.keys() <= {name for name, _ in routes()}


class TestTheWalkFindsWhatIsLeftOpen:
    """Beside an admin that lets too much through it is not silent, so that its silence says something."""

    @pytest.fixture
    def _careless(self, monkeypatch):
        for may in ("has_change_permission", "has_delete_permission"):
            monkeypatch.setattr(OrderAdmin, may, lambda *_, **__: True)
        monkeypatch.setattr(OrderAdmin, "fieldsets", [(None, {"fields": ["configuration"]})])
        monkeypatch.setattr(OrderAdmin, "list_display", ["number", "configuration"])
        monkeypatch.setattr(OrderAdmin, "list_editable", ["configuration"])

    @pytest.mark.usefixtures("_careless")
    @pytest.mark.parametrize(
        ("name", "sign"),
        [
            ("change", "'configuration': 'changed'"),
            ("delete", "'post': 'yes'"),
            ("changelist", "'delete_selected'"),
            ("changelist", "'form-0-configuration'"),
        ],
    )
    def test_by_a_form_or_a_list(self, caplog, name, sign):
        caplog.set_level(logging.CRITICAL, "django")
        factories.OrderFactory()
        walker = Walker()
        for address in addresses(models=[Order]):
            if address.name == f"orders_order_{name}":
                walker.go(address)
        assert any(sign in said and ": Order " in said for said in walker.wrong)

    def test_a_file_that_was_rewritten(self, files):
        open_office()
        before = files_in(files)
        next(files.rglob("*.pdf")).write_bytes(b"other")
        assert not before.items() <= files_in(files).items()
