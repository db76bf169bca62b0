"""Queries on the rows of a dump, in plain SQL without models, since they may run on a copy."""

from collections.abc import Callable, Iterable, Iterator

from django.apps import apps
from django.db import models

from contracts.documents import files as documents
from contracts.models import ContractDocument, EvidenceStamp, TrailSeal
from contracts.trail import list_files
from contracts.trail.renewal import stamp_files

Select = Callable[[str], Iterable[tuple]]
"""Function that runs a query without parameters."""


def count_rows(select: Select, tables: str) -> dict[str, int]:
    """Return table → number of rows; `tables` is the engine's query of table names."""
    names = sorted(name for (name,) in select(tables))
    counts = {}
    for name in names:
        [(counts[name],)] = select(f'SELECT count(*) FROM "{name}"')  # noqa: S608 - the database's own names
    return counts


def migrations(select: Select) -> dict[str, list[str]]:
    """Return app → names of its applied migrations."""
    applied: dict[str, list[str]] = {}
    for app, name in select("SELECT app, name FROM django_migrations ORDER BY app, name"):
        applied.setdefault(app, []).append(name)
    return applied


def last_head(select: Select) -> dict[str, str] | None:
    """Return the newest daily list: its number and day, and the SHA-256 of list and signature."""
    query = "SELECT number, day, sha256, signature_sha256 FROM contracts_trailseal ORDER BY number DESC LIMIT 1"
    for number, day, sha256, signature in select(query):
        return {"number": str(number), "day": str(day), "sha256": sha256, "signature_sha256": signature}
    return None


def named_files(select: Select) -> Iterator[tuple[str, str]]:
    """Yield each file that a row names: its storage path, and its SHA-256 if the row has one, else empty."""
    for (sha256,) in select(_query(ContractDocument, "sha256")):
        yield documents.path_of(sha256), sha256
    for number, sha256, signature in select(_query(TrailSeal, "number", "sha256", "signature_sha256")):
        yield list_files.path_of(number, sha256), sha256
        yield list_files.signature_path_of(number, sha256), signature
    for number, sha256, token in select(_query(EvidenceStamp, "number", "sha256", "token_sha256")):
        yield stamp_files.path_of(number, sha256), sha256
        yield stamp_files.token_path_of(number, sha256), token
    for model, field in file_fields():
        for (path,) in select(_query(model, field)):
            if path:
                yield path, ""


def file_fields() -> list[tuple[type[models.Model], str]]:
    """Return every FileField of every model."""
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.FileField)
    ]


def _query(model: type[models.Model], *fields: str) -> str:
    columns = ", ".join(f'"{model._meta.get_field(field).column}"' for field in fields)  # type: ignore[union-attr]  # own
    return f'SELECT DISTINCT {columns} FROM "{model._meta.db_table}"'  # noqa: S608 - from models
