"""What is asked of the very rows that a dump holds, in the engine's own SQL through no model: it may be a copy."""

from collections.abc import Callable, Iterable, Iterator

from django.apps import apps
from django.db import models

from contracts.documents import files as documents
from contracts.models import ContractDocument, TrailSeal
from contracts.trail import daily_seals as trail_seals

Select = Callable[[str], Iterable[tuple]]
"""Runs one query without parameters."""


def count_rows(select: Select, tables: str) -> dict[str, int]:
    """Table → how many rows it has; `tables` is the engine's query for their names."""
    names = sorted(name for (name,) in select(tables))
    counts = {}
    for name in names:
        [(counts[name],)] = select(f'SELECT count(*) FROM "{name}"')  # noqa: S608 - the database's own names
    return counts


def migrations(select: Select) -> dict[str, list[str]]:
    """App → names of the migrations that the database has had."""
    applied: dict[str, list[str]] = {}
    for app, name in select("SELECT app, name FROM django_migrations ORDER BY app, name"):
        applied.setdefault(app, []).append(name)
    return applied


def last_head(select: Select) -> dict[str, str] | None:
    """The newest seal of the audit trail: its day, and the SHA-256 of its list and signature."""
    query = "SELECT day, sha256, signature_sha256 FROM contracts_trailseal ORDER BY day DESC LIMIT 1"
    for day, sha256, signature in select(query):
        return {"day": str(day), "sha256": sha256, "signature_sha256": signature}
    return None


def named_files(select: Select) -> Iterator[tuple[str, str]]:
    """Each file that a row names: its path in the storage, and its SHA-256 where the name is one, else empty."""
    for (sha256,) in select(_query(ContractDocument, "sha256")):
        yield documents.path_of(sha256), sha256
    for field in ("sha256", "signature_sha256"):
        for (sha256,) in select(_query(TrailSeal, field)):
            yield trail_seals.path_of(sha256), sha256
    for model, field in file_fields():
        for (path,) in select(_query(model, field)):
            if path:
                yield path, ""


def file_fields() -> list[tuple[type[models.Model], str]]:
    """Every field of a model that names a file as it was called."""
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.FileField)
    ]


def _query(model: type[models.Model], field: str) -> str:
    column = model._meta.get_field(field).column  # type: ignore[union-attr]  # a field of its own table
    return f'SELECT DISTINCT "{column}" FROM "{model._meta.db_table}"'  # noqa: S608 - from models
