from django.db.models import CharField, Model

from billing.errors import Refused


def fitting(model: type[Model], field: str, text: str, *, pointer: str) -> str:
    """`text` without white space around it. Raises Refused `invalid` where the model's field cannot hold it."""
    text = text.strip()
    column = model._meta.get_field(field)
    longest = column.max_length if isinstance(column, CharField) else None
    if longest is not None and len(text) > longest:
        raise Refused("invalid", f"At most {longest} characters; {len(text)} were given.", pointer=pointer)
    return text
