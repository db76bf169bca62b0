from django.db.models import CharField, Model
from django.utils.translation import gettext as _

from billing.errors import Refused
from billing.texts import one_line


def fitting(model: type[Model], field: str, text: str, *, pointer: str) -> str:
    """`text` on one line. Raises Refused `invalid` where the model's field cannot hold it."""
    text = one_line(text)
    column = model._meta.get_field(field)
    longest = column.max_length if isinstance(column, CharField) else None
    if longest is not None and len(text) > longest:
        detail = _("At most %(limit)d characters; %(count)d were given.") % {"limit": longest, "count": len(text)}
        raise Refused("invalid", detail, pointer=pointer)
    return text
