"""Registry of what can be exported. Each app registers its own tables."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from accounts.models import Account
from common.tables import Format, Table

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Parameters = dict[str, Any]
"""The filter as JSON: dates are ISO 8601."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """Tables of an account's records."""

    name: str
    """Also the beginning of the file's name."""
    count: Callable[[Account, Parameters, datetime, int], int]
    """Returns how many rows there are, at most the last argument."""
    tables: Callable[[Account, Parameters, datetime, Format], list[Table]]
    """Returns the sheets of a workbook, or the one table of a CSV file, with titles in the active language."""


def to_parameters(filter_: "DataclassInstance") -> Parameters:
    """Return the filter's conditions as JSON; empty ones are left out."""
    values = asdict(filter_)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items() if value}


def with_days(parameters: Parameters) -> Parameters:
    """Return the conditions with `since` and `until` as dates again."""
    days = {name: date.fromisoformat(parameters[name]) for name in ("since", "until") if name in parameters}
    return parameters | days


EXPORTERS: dict[str, Exporter] = {}


def register_exporter(exporter: Exporter) -> Exporter:
    """Add an exporter. Called from the owning app's `ready`."""
    EXPORTERS[exporter.name] = exporter
    return exporter
