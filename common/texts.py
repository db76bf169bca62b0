"""Validate text from users against the model field that stores it."""

from django.db.models import CharField, Model
from django.utils.translation import gettext as _

from common.errors import Fault, Refused
from common.normal_forms import normalise_line


def validate_text(model: type[Model], field: str, text: str, *, pointer: str, missing: str = "") -> str:
    """Return `text` normalised to one line. Raises Refused `invalid` at `pointer` if it is too long for the field.

    `missing`: the error message for an empty text; without it, the text is optional.
    """
    text = normalise_line(text)
    if missing and not text:
        raise Refused("invalid", missing, pointer=pointer)
    if faults := find_length_faults(model, field, text, pointer=pointer):
        raise Refused.because(faults)
    return text


def find_length_faults(model: type[Model], field: str, text: str, *, pointer: str) -> list[Fault]:
    """Return a fault if `text` is longer than the model field allows."""
    column = model._meta.get_field(field)
    limit = column.max_length if isinstance(column, CharField) else None
    if limit is None or len(text) <= limit:
        return []
    detail = _("At most %(limit)d characters; %(count)d were given.") % {"limit": limit, "count": len(text)}
    return [Fault("invalid", detail, pointer)]
