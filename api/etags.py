"""Entity tags (RFC 9110, 8.8.3) and preconditions on changes."""

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

from api.views import ApiView
from common.errors import Refused
from common.transactions import in_transaction

Method = TypeVar("Method", bound=Callable[..., Any])


def etag_of(data: Any) -> str:
    """Return the tag of a representation. Equal representations have equal tags."""
    said = json.dumps(data, cls=JSONEncoder, sort_keys=True, separators=(",", ":"))
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'


def require_match(request: Request, before: Any) -> None:
    """Check the request's preconditions against the state `before` the change; None if nothing existed.

    Called after all other checks, in the transaction of the change (RFC 9110, 13.2.1). Raises Refused
    `precondition_failed` where `If-Match` names another state, or `If-None-Match` this one.
    """
    wanted, unwanted = request.headers.get("If-Match"), request.headers.get("If-None-Match")
    if wanted and (before is None or not _names(wanted, before)):
        sentence = _("It has changed since you read it. Read it again, then decide whether the change is still right.")
        raise Refused("precondition_failed", sentence)
    if unwanted and before is not None and _names(unwanted, before):
        raise Refused("precondition_failed", _("It exists already. Nothing was changed."))


def change_if_match(request: Request, *, before: Callable[[], Any], change: Callable[[], object]) -> None:
    """Make the change. With `If-Match`, first lock the record and require the state the caller saw.

    `before` locks the record and returns its representation. Raises Refused `precondition_failed`; errors of `change`
    come first (RFC 9110, 13.2.1).
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
    """Return True if the header names the state of `data`. Weakened tags (compression) match."""
    return header.strip() == "*" or etag_of(data) in {tag.strip().removeprefix("W/") for tag in header.split(",")}


class Tagged(ApiView):
    """Adds an ETag to single records, and answers 304 if the caller already has that state (RFC 9110, 13.1.2)."""

    tagged = True

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        if isinstance(response, Response) and response.status_code in (status.HTTP_200_OK, status.HTTP_201_CREATED):
            tag = response["ETag"] = etag_of(response.data)
            seen = request.headers.get("If-None-Match", "")
            if request.method in SAFE_METHODS and seen and _names(seen, response.data):
                response = Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
        return super().finalize_response(request, response, *args, **kwargs)


def conditional(method: Method) -> Method:
    """Mark a method that checks preconditions, for the schema."""
    method.conditional = True  # type: ignore[attr-defined]
    return method
