"""What staff write to a customer about what they decided."""

from django.db.models import Model
from django.utils.translation import gettext as _

from billing.errors import Fault, Refused
from billing.texts import one_line


def note_for(row_type: type[Model], note: str, *, missing: str = "") -> str:
    """`note` on one line, as the row's field `note` holds it; `missing` is the sentence where one is required.

    Raises Refused `invalid` at /note.
    """
    note = one_line(note)
    if missing and not note:
        raise Refused("invalid", missing, pointer="/note")
    if faults := faults_of_note(row_type, note):
        raise Refused.because(faults)
    return note


def faults_of_note(row_type: type[Model], note: str) -> list[Fault]:
    longest = row_type._meta.get_field("note").max_length  # type: ignore[union-attr]
    if longest is None or len(note) <= longest:
        return []
    detail = _("At most %(limit)d characters; %(count)d were given.") % {"limit": longest, "count": len(note)}
    return [Fault("invalid", detail, "/note")]
