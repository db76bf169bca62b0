"""The domain error `Refused`. Pages show its detail; the API returns it as problem details (api/root.py)."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError

STATUS_OF_CODE = {
    "invalid": 400,
    "not_authenticated": 401,
    "permission_denied": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "transition_not_allowed": 409,
    "precondition_failed": 412,
    "too_large": 413,
    "unsupported_media_type": 415,
    "range_not_satisfiable": 416,
    "throttled": 429,
    "internal_error": 500,
    "database_unavailable": 503,
    "storage_unavailable": 503,
}
"""HTTP status of each refusal code. Apps add their own codes with `register_codes`."""

RETRY_AFTER = {
    "throttled": 60,
    "database_unavailable": 5,
    "storage_unavailable": 30,
}
"""Seconds after which a client may retry, by code. Codes that staff must resolve first have none."""


def register_codes(statuses: Mapping[str, int], *, retry_after: Mapping[str, int] | None = None) -> None:
    """Add an app's refusal codes with their HTTP statuses. Called from the app's `ready`."""
    STATUS_OF_CODE.update(statuses)
    RETRY_AFTER.update(retry_after or {})


MAX_FAULTS = 200
"""Maximum number of faults listed in one response, page or file report; the rest are counted (R46).

As many as a request can name orders or contracts, so that each one at fault is named.
"""

DATABASE_UNAVAILABLE_ERRORS = (OperationalError, InterfaceError)
"""Exceptions of statements and commits while the database is restarting, unreachable, locked or full."""

last_code: ContextVar[str] = ContextVar("last_code", default="")
"""Code of the last refusal in this request, for the request log."""


def to_storable_text(text: str) -> str:
    """Replace lone surrogates and NUL characters, which UTF-8 or the database cannot store."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "?")


def pointer_token(name: str) -> str:
    """Escape a member's name for a pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


@dataclass(frozen=True, slots=True)
class Fault:
    """One error in a request: stable code, message, and the field or order at fault (`pointer`, RFC 6901)."""

    code: str
    detail: str
    pointer: str = ""
    blocked_by: str = ""
    """Number of the conflicting record, if any."""


class Refused(Exception):
    """Raised when a business rule refuses a request. Nothing has been changed.

    `faults` lists every order or field at fault; code and HTTP status are those of the first.
    `headers` are added to the HTTP response. `Retry-After` defaults to the value for the code.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        pointer: str = "",
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.faults = tuple(faults) or (Fault(code, detail, pointer),)
        wait = {"Retry-After": str(RETRY_AFTER[code])} if code in RETRY_AFTER else {}
        self.headers = {**wait, **(headers or {})}
        self.code = code
        self.detail = detail
        self.status = STATUS_OF_CODE[code]
        last_code.set(code)
        super().__init__(detail)

    @classmethod
    def because(cls, faults: Sequence[Fault]) -> "Refused":
        """Create a refusal from one or more faults."""
        return cls(faults[0].code, faults[0].detail, faults=faults)
