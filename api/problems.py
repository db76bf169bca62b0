"""Problem details (RFC 9457), with pointers into the request body (RFC 6901)."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy
from structlog.contextvars import get_contextvars

from common.errors import MAX_FAULTS, Fault, to_storable_text

NOT_ANSWERED = gettext_lazy("The server cannot handle this request.")
NO_DATABASE = gettext_lazy("The database is not available at the moment. Try again shortly.")
MEDIA_TYPE = "application/problem+json"
MAX_TEXT_CHARS = 1000
"""Maximum length of response texts that may repeat text of the request."""


def request_id() -> str:
    return str(get_contextvars().get("request_id", ""))


def shortened(text: str) -> str:
    """Return request text for a response: valid UTF-8, cut to MAX_TEXT_CHARS."""
    return to_storable_text(text if len(text) <= MAX_TEXT_CHARS else text[:MAX_TEXT_CHARS] + "…")


def errors_of(faults: Iterable[Fault], under: str = "") -> list[dict[str, str]]:
    """Return one entry for each fault. `under` is the pointer that the faults' pointers are relative to.

    A pointer that is too long is cut to the object that holds the overlong name.
    """
    errors = []
    for fault in faults:
        pointer = fault.pointer
        while len(pointer) > MAX_TEXT_CHARS:
            pointer = pointer.rpartition("/")[0]
        entry = {"pointer": under + to_storable_text(pointer), "code": fault.code, "detail": shortened(fault.detail)}
        errors.append(entry | ({"contract": fault.blocked_by} if fault.blocked_by else {}))
    return errors


class LimitedFaults:
    """Fault entries of one response: the first MAX_FAULTS, the others counted in `omitted`."""

    def __init__(self) -> None:
        self.left, self.omitted = MAX_FAULTS, 0

    def take(self, faults: Sequence[Fault], *, under: str) -> list[dict[str, str]]:
        entries = errors_of(faults[: self.left], under=under)
        self.left -= len(entries)
        self.omitted += len(faults) - len(entries)
        return entries


def problem(status: int, code: str, detail: str, faults: Sequence[Fault] = ()) -> dict[str, object]:
    """Return the members of a problem, with the first MAX_FAULTS faults and the number of the others."""
    body = {"type": "about:blank", "title": code.replace("_", " ").capitalize(), "status": status, "code": code}
    omitted = {"errors_omitted": len(faults) - MAX_FAULTS} if len(faults) > MAX_FAULTS else {}
    errors = errors_of(faults[:MAX_FAULTS])
    return {**body, "detail": shortened(detail), "request_id": request_id(), "errors": errors, **omitted}
