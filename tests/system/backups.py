"""A whole system with something of everything in it, and other places to restore it to."""

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.certification.requests import request_certification
from contracts.models import Contract
from contracts.operations.backup import making
from contracts.services import approve_void, invalidate_due, request_void, void_draft
from contracts.trail.daily_seals import seal_trails
from emails.models import Notice
from tests import factories
from webhooks.signing import new_secret

STATUSES = {"draft", "official", "voided", "invalid"}
SCAN = b"%PDF-1.7 a scan %%EOF"
_numbers = itertools.count(1)


def fill() -> None:
    """Sealed contracts in every status, a sealed trail, a scan, an email and a webhook that wait."""
    factories.IssuerFactory()
    actor = factories.member()
    actor.account.webhook_endpoints.create(
        url="http://127.0.0.1:1/hooks", secret=new_secret(), created_at=timezone.now()
    )
    factories.UserFactory._meta.model.objects.filter(pk=actor.user_id).update(email="real@customer.example")
    with time_machine.travel(timezone.now() - timedelta(days=8)):
        factories.official(actor, type="payment_request")
    factories.draft(actor)
    factories.official(actor, count=3, language="both")
    void_draft(contract=factories.draft(actor), by=actor)
    approve_void(
        ticket=request_void(contract=factories.official(actor), reason="wrong company", by=actor), by=factories.staff()
    )
    invalidate_due(now=timezone.now())
    licence = ContentFile(SCAN, name="scan.pdf")
    request_certification(kind="personal", name="李雷", credit_code="", licence=licence, by=actor)
    assert set(Contract.objects.values_list("status", flat=True)) == STATUSES
    assert Notice.objects.filter(state="pending").exists()
    seal_trails(now=timezone.now())


def stored_in(folder: Path, settings: Any) -> None:
    """From now on files are stored there."""
    options = {"location": str(folder), "allow_overwrite": True}
    own = {"BACKEND": "common.storage.DurableFileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": own}


@contextmanager
def empty_database(folder: Path) -> Iterator[None]:
    """Inside, the test's connection leads to a new database without a table."""
    kept = connection.settings_dict["NAME"]
    connection.close()
    if connection.vendor == "sqlite":
        connection.settings_dict["NAME"] = str(folder / f"restored-{next(_numbers)}.sqlite3")
    else:
        name = f"{kept}_restored_{next(_numbers)}"
        _on_the_server(f'DROP DATABASE IF EXISTS "{name}"')
        _on_the_server(f'CREATE DATABASE "{name}"')
        connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        if connection.vendor == "postgresql":
            _on_the_server(f'DROP DATABASE "{connection.settings_dict["NAME"]}" WITH (FORCE)')
        connection.settings_dict["NAME"] = kept


@contextmanager
def empty_system(folder: Path, settings: Any) -> Iterator[Path]:
    """A new database and a new storage, whose folder it yields."""
    files = folder / f"restored-files-{next(_numbers)}"
    stored_in(files, settings)
    with empty_database(folder):
        yield files
    shutil.rmtree(files, ignore_errors=True)


def _on_the_server(statement: str) -> None:
    where = connection.settings_dict
    facts = {"host": where["HOST"], "port": where["PORT"], "user": where["USER"], "password": where["PASSWORD"]}
    with psycopg.connect(dbname="postgres", autocommit=True, **{k: v for k, v in facts.items() if v}) as server:
        server.execute(statement)


def said(command: str, *words: object) -> tuple[list[str], str]:
    """What a command calls wrong, a line each, and all that it said; its exit status agrees."""
    out = StringIO()
    try:
        call_command(command, *map(str, words), stdout=out)
        code = 0
    except SystemExit as stop:
        code = stop.code
    wrong = [line for line in out.getvalue().splitlines() if line.startswith("WRONG")]
    assert code == (1 if wrong else 0), out.getvalue()
    return wrong, out.getvalue()


def sets(folder: Path) -> list[Path]:
    return sorted(folder.glob("????-??-??T*"))


def back_up_in_part(place: str, files: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin a backup that is interrupted after this number of files."""
    fetch, copied = making.fetch, 0

    def fetch_or_stop(*given: Any) -> Any:
        nonlocal copied
        if copied == files:
            raise KeyboardInterrupt
        copied += 1
        return fetch(*given)

    with monkeypatch.context() as patch:
        patch.setattr(making, "fetch", fetch_or_stop)
        with pytest.raises(KeyboardInterrupt):
            call_command("back_up", place)
