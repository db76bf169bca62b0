"""Entity tags (RFC 9110, 8.8.3): whoever changes something can say which state of it they have seen."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from billing.errors import Refused
from billing.transactions import in_transaction
from contracts.api.base import ApiView

Method = TypeVar("Method", bound=Callable[..., Any])


def etag_of(data: Any) -> str:
    """The tag of a representation: two that say the same have the same."""
    said = json.dumps(data, cls=JSONEncoder, sort_keys=True, separators=(",", ":"))
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'


def require_match(request: Request, before: Any) -> None:
    """Refuse a change by somebody who has seen another state than `before`; None stands for what did not exist.

    Called last of all checks, within the transaction of the change (RFC 9110, 13.2.1). Raises Refused
    `precondition_failed` where `If-Match` names another state, or `If-None-Match` this one.
    """
    wanted, unwanted = request.headers.get("If-Match"), request.headers.get("If-None-Match")
    if wanted and (before is None or not _names(wanted, before)):
        sentence = _("It has changed since you read it. Read it again, then decide whether the change is still right.")
        raise Refused("precondition_failed", sentence)
    if unwanted and before is not None and _names(unwanted, before):
        raise Refused("precondition_failed", _("It exists already. Nothing was changed."))


def change_if_match(request: Request, *, before: Callable[[], Any], change: Callable[[], object]) -> None:
    """Make the change; where `If-Match` is given, under lock and only in the state that the caller has seen.

    `before` locks what is changed and represents it. Raises Refused `precondition_failed`, and what `change` raises,
    which comes first (RFC 9110, 13.2.1).
    """
    if "If-Match" not in request.headers:
        change()
        return

    @in_transaction
    def change_and_check() -> None:
        state = before()
        change()
        require_match(request, state)

    change_and_check()


def _names(header: str, data: Any) -> bool:
    """Whether the header names the state of `data`. Compressing proxies weaken a tag; it still names the same state."""
    return header.strip() == "*" or etag_of(data) in {tag.strip().removeprefix("W/") for tag in header.split(",")}


class Tagged(ApiView):
    """Answers with one thing carry its ETag; a caller who has that state already gets 304 (RFC 9110, 13.1.2)."""

    tagged = True

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        if isinstance(response, Response) and response.status_code in (status.HTTP_200_OK, status.HTTP_201_CREATED):
            tag = response["ETag"] = etag_of(response.data)
            seen = request.headers.get("If-None-Match", "")
            if request.method in SAFE_METHODS and seen and _names(seen, response.data):
                response = Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
        return super().finalize_response(request, response, *args, **kwargs)


def conditional(method: Method) -> Method:
    """Mark a view's method that asks `require_match`, for the schema."""
    method.conditional = True  # type: ignore[attr-defined]
    return method
