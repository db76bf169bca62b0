"""Entity tags (RFC 9110, 8.8.3): whoever changes something can say which state of it they have seen."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from billing.errors import Refused

Method = TypeVar("Method", bound=Callable[..., Any])


def etag_of(data: Any) -> str:
    """The tag of a representation: two that say the same have the same."""
    said = json.dumps(data, cls=JSONEncoder, sort_keys=True, separators=(",", ":"))
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'


def require_match(request: Request, data: Any) -> None:
    """Refuse a change by somebody who has seen another state than `data`, the representation as it is now.

    Raises Refused `precondition_failed` where `If-Match` (RFC 9110, 13.1.1) names neither this state nor any.
    """
    wanted = request.headers.get("If-Match")
    if wanted and etag_of(data) not in _tags(wanted) and wanted.strip() != "*":
        raise Refused(
            "precondition_failed",
            _("It has changed since you read it. Read it again, then decide whether the change is still right."),
        )


class Tagged(APIView):
    """Answers with one thing carry its ETag; who has that state already is told so, with 304 (RFC 9110, 13.1.2)."""

    tagged = True

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        if isinstance(response, Response) and response.status_code in (status.HTTP_200_OK, status.HTTP_201_CREATED):
            tag = response["ETag"] = etag_of(response.data)
            seen = request.headers.get("If-None-Match", "")
            if request.method in ("GET", "HEAD") and (tag in _tags(seen) or seen.strip() == "*"):
                response = Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
        return super().finalize_response(request, response, *args, **kwargs)


def conditional(method: Method) -> Method:
    """Mark a view's method that asks `require_match`, for the schema."""
    method.conditional = True  # type: ignore[attr-defined]
    return method


def _tags(header: str) -> set[str]:
    """The tags of a header; what a proxy weakened by compressing it still names the same state."""
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
