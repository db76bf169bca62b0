"""Texts that people give, as they are kept: on one line, and no longer than their field."""

from django.db.models import CharField, Model
from django.utils.translation import gettext as _

from common.errors import Fault, Refused
from common.normal_forms import normalise_line


def fitting(model: type[Model], field: str, text: str, *, pointer: str, missing: str = "") -> str:
    """`text` on one line, as the model's field holds it; `missing` is the sentence where one is required.

    Raises Refused `invalid` at `pointer`.
    """
    text = normalise_line(text)
    if missing and not text:
        raise Refused("invalid", missing, pointer=pointer)
    if faults := faults_of_length(model, field, text, pointer=pointer):
        raise Refused.because(faults)
    return text


def faults_of_length(model: type[Model], field: str, text: str, *, pointer: str) -> list[Fault]:
    """A fault where the model's field cannot hold `text`."""
    column = model._meta.get_field(field)
    longest = column.max_length if isinstance(column, CharField) else None
    if longest is None or len(text) <= longest:
        return []
    detail = _("At most %(limit)d characters; %(count)d were given.") % {"limit": longest, "count": len(text)}
    return [Fault("invalid", detail, pointer)]
