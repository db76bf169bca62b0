"""Query parameters to read what has changed since the last time (docs/api.md#stay-in-sync)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from api.schema import query
from common.change_times import find_change_horizon

Rows = TypeVar("Rows", bound="QuerySet[Any]")
SYNC_PARAMETERS = (
    query("updated_from", datetime, "Last changed at this time or later."),
    query("updated_to", datetime, "Last changed before this time."),
    query("ordering", str, "Oldest change first; by default newest first.", enum=["updated_at"]),
)


class _Parameters(serializers.Serializer):
    updated_from = serializers.DateTimeField(required=False)
    updated_to = serializers.DateTimeField(required=False)
    ordering = serializers.ChoiceField(choices=["updated_at"], required=False)


@dataclass(frozen=True, slots=True)
class Sync:
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    ordering: str = ""

    def apply(self, rows: Rows) -> Rows:
        """Return the rows that changed in the interval.

        A change whose transaction began earlier may still become visible, so rows beyond the horizon are left for the
        next read. A client that has read up to a time has therefore read all earlier changes.
        """
        if not (self.updated_from or self.updated_to or self.ordering):
            return rows
        horizon = find_change_horizon()
        rows = rows.filter(updated_at__lt=min(self.updated_to, horizon) if self.updated_to else horizon)
        if self.updated_from:
            rows = rows.filter(updated_at__gte=self.updated_from)
        return rows.order_by("updated_at", "pk") if self.ordering else rows


def read_sync(request: Request) -> Sync:
    """Return the parameters; empty ones are left out. Raises ValidationError naming the parameter at fault."""
    names = [parameter.name for parameter in SYNC_PARAMETERS]
    given = {name: request.query_params[name] for name in names if request.query_params.get(name)}
    read = _Parameters(data=given)
    read.is_valid(raise_exception=True)
    return Sync(**read.validated_data)
