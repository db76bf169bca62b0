"""Make PDF objects with pyHanko."""

from collections.abc import Iterable
from typing import Any

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, FloatObject, IndirectObject, NumberObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter


def make_dictionary(entries: dict[str, Any]) -> DictionaryObject:
    return DictionaryObject({pdf_name(key): value for key, value in entries.items()})  # type: ignore[no-untyped-call]


def make_array(values: Iterable[float]) -> ArrayObject:
    return ArrayObject(make_number(value) for value in values)


def make_number(value: float) -> FloatObject | NumberObject:
    """Return a number of at most three decimals. Whole numbers are integers."""
    if value == int(value):
        return NumberObject(int(value))  # type: ignore[no-untyped-call]
    return FloatObject(f"{value:.3f}".rstrip("0").rstrip("."))  # type: ignore[no-untyped-call]


def refer_to(container: DictionaryObject, writer: IncrementalPdfFileWriter) -> IndirectObject:
    """Return a reference to an object that was read from the file."""
    place: Any = container.container_ref
    return IndirectObject(place.idnum, place.generation, writer)  # type: ignore[no-untyped-call]
