from django.db.models import Model

from billing.errors import Refused


def fitting(model: type[Model], field: str, text: str, *, pointer: str) -> str:
    """`text` without white space around it. Raises Refused `invalid` where the model's field cannot hold it."""
    text = text.strip()
    longest = model._meta.get_field(field).max_length
    if len(text) > longest:
        raise Refused("invalid", f"At most {longest} characters; {len(text)} were given.", pointer=pointer)
    return text
