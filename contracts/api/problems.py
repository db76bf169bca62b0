"""What a problem of the API looks like (RFC 9457), and how it points into a body (RFC 6901)."""

from collections.abc import Iterable

from structlog.contextvars import get_contextvars

from billing.errors import Fault, sound

MEDIA_TYPE = "application/problem+json"


def request_id() -> str:
    return str(get_contextvars().get("request_id", ""))


def token(name: str) -> str:
    """A member's name as it stands in a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def errors_of(faults: Iterable[Fault], under: str = "") -> list[dict[str, str]]:
    """One entry for each fault; `under` is the pointer to what the faults' own begin from."""
    errors = []
    for fault in faults:
        entry = {"pointer": under + sound(fault.pointer), "code": fault.code, "detail": sound(fault.detail)}
        errors.append(entry | ({"contract": fault.contract} if fault.contract else {}))
    return errors


def problem(status: int, code: str, detail: str, faults: Iterable[Fault] = ()) -> dict[str, object]:
    """The members of a problem, in a request of which there is an id."""
    body = {"type": "about:blank", "title": code.replace("_", " ").capitalize(), "status": status, "code": code}
    return {**body, "detail": sound(detail), "request_id": request_id(), "errors": errors_of(faults)}
