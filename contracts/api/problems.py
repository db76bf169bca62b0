"""What a problem of the API looks like (RFC 9457), and how it points into a body (RFC 6901)."""

from collections.abc import Iterable, Sequence

from structlog.contextvars import get_contextvars

from billing.errors import MAX_FAULTS, Fault, sound

MEDIA_TYPE = "application/problem+json"
MAX_TEXT_CHARS = 1000
"""Of a text in an answer that may repeat text of the request."""


def request_id() -> str:
    return str(get_contextvars().get("request_id", ""))


def token(name: str) -> str:
    """A member's name as it stands in a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def shortened(text: str) -> str:
    """`text` of a request as an answer repeats it: sound, and no longer than MAX_TEXT_CHARS."""
    return sound(text if len(text) <= MAX_TEXT_CHARS else text[:MAX_TEXT_CHARS] + "…")


def errors_of(faults: Iterable[Fault], under: str = "") -> list[dict[str, str]]:
    """One entry for each fault; `under` is the pointer to what the faults' own begin from.

    A pointer with an overlong name in it is cut to the object that holds the name.
    """
    errors = []
    for fault in faults:
        pointer = fault.pointer
        while len(pointer) > MAX_TEXT_CHARS:
            pointer = pointer.rpartition("/")[0]
        entry = {"pointer": under + sound(pointer), "code": fault.code, "detail": shortened(fault.detail)}
        errors.append(entry | ({"contract": fault.contract} if fault.contract else {}))
    return errors


def problem(status: int, code: str, detail: str, faults: Sequence[Fault] = ()) -> dict[str, object]:
    """The members of a problem. Holds the first MAX_FAULTS faults and the number of the others."""
    body = {"type": "about:blank", "title": code.replace("_", " ").capitalize(), "status": status, "code": code}
    omitted = {"errors_omitted": len(faults) - MAX_FAULTS} if len(faults) > MAX_FAULTS else {}
    errors = errors_of(faults[:MAX_FAULTS])
    return {**body, "detail": shortened(detail), "request_id": request_id(), "errors": errors, **omitted}
