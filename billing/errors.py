"""The one domain error. Pages show its sentence, the API maps it to problem details, once (config/api.py)."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError

STATUS_OF_CODE = {
    "invalid": 400,
    "no_orders": 400,
    "too_many_orders": 400,
    "order_not_found": 400,
    "mixed_currency": 400,
    "unprintable_characters": 400,
    "not_authenticated": 401,
    "permission_denied": 403,
    "account_not_certified": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "order_wrong_status": 409,
    "order_in_live_contract": 409,
    "payment_deadline_passed": 409,
    "product_not_supported": 409,
    "transition_not_allowed": 409,
    "contract_expired": 409,
    "order_changed": 409,
    "ticket_already_open": 409,
    "insufficient_balance": 409,
    "contract_voided": 410,
    "precondition_failed": 412,
    "too_large": 413,
    "unsupported_media_type": 415,
    "range_not_satisfiable": 416,
    "idempotency_conflict": 422,
    "throttled": 429,
    "internal_error": 500,
    "database_unavailable": 503,
    "verifier_busy": 503,
    "seal_unavailable": 503,
    "storage_unavailable": 503,
    "issuer_missing": 503,
    "clauses_missing": 503,
}

RETRY_AFTER = {
    "throttled": 60,
    "database_unavailable": 5,
    "verifier_busy": 5,
    "storage_unavailable": 30,
    "seal_unavailable": 30,
}
"""Seconds after which to try again. What staff have to publish first has no such time."""

MAX_FAULTS = 100
"""Faults named in one answer or page, or of one file; the others are counted (R46)."""

DATABASE_AWAY = (OperationalError, InterfaceError)
"""What any statement raises, and a commit too, while the database restarts, is unreachable, locked or full."""

last_code: ContextVar[str] = ContextVar("last_code", default="")
"""Code of the last refusal in this request, for the line that the request leaves in the log."""


def sound(text: str) -> str:
    """Text of a request as UTF-8 and the database can carry it: no half of a surrogate pair, no NUL character."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "?")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: which field or order (`pointer`, RFC 6901), the stable code, a sentence."""

    code: str
    detail: str
    pointer: str = ""
    contract: str = ""
    """For `order_in_live_contract`: the number of the contract that holds the order."""


class Refused(Exception):
    """A request that a rule refuses. Nothing was changed.

    `faults` names every order or field at fault; the code and HTTP status of the whole are the first one's.
    `headers` are added to the HTTP response, with the `Retry-After` of the code unless they have their own.
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
        """A refusal over several orders or fields; `faults` holds at least one."""
        return cls(faults[0].code, faults[0].detail, faults=faults)
