"""Idempotency keys: a request that is sent twice takes effect once (draft-ietf-httpapi-idempotency-key-header)."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import ApiToken, IdempotentRequest
from common.errors import Refused
from common.transactions import in_transaction

LONGEST_KEY = 255

SECRETS = {"secret"}
"""Response members that are never stored."""

Rest = ParamSpec("Rest")
View = TypeVar("View", bound=APIView)
Method = Callable[Concatenate[View, Request, Rest], Response]


def once(post: Method[View, Rest]) -> Method[View, Rest]:
    """Replay the stored response to a request whose `Idempotency-Key` the same token has sent before.

    ApiView checks the permission first, so a replay can be refused like the request. The key is stored in the
    transaction of the change: a refusal stores none, and a second request waits for the first.
    Raises Refused `idempotency_conflict` for the same key with another body, method or address.
    """

    @wraps(post)
    def answer(view: View, request: Request, /, *args: Rest.args, **kwargs: Rest.kwargs) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return post(view, request, *args, **kwargs)
        if len(key) > LONGEST_KEY:
            raise Refused(
                "invalid", _("Idempotency-Key can have at most %(limit)d characters.") % {"limit": LONGEST_KEY}
            )
        if not key.isprintable():
            raise Refused("invalid", _("Idempotency-Key contains a control character."))
        return _once(request, key, lambda: post(view, request, *args, **kwargs))

    answer.keyed = True  # type: ignore[attr-defined]  # for the schema
    return answer


@in_transaction
def _once(request: Request, key: str, do: Callable[[], Response]) -> Response:
    fingerprint = hashlib.sha256(f"{request.method} {request.path}\n".encode() + request._request.body).hexdigest()
    token = request.auth
    assert isinstance(token, ApiToken)  # noqa: S101 - no view with keys lets anybody in without a token
    kept, is_new = IdempotentRequest.objects.get_or_create(token=token, key=key, defaults={"fingerprint": fingerprint})
    if not is_new:
        if kept.fingerprint != fingerprint:
            raise Refused("idempotency_conflict", _("This Idempotency-Key was used for another request."))
        return Response(kept.answer, status=kept.status_code)
    response = do()
    kept.status_code, kept.answer = response.status_code, _without_secrets(response.data)
    kept.save(update_fields=["status_code", "answer"])
    return response


def _without_secrets(answer: Any) -> Any:
    """Return the response as it is stored. Secrets are shown once, so replays omit them."""
    return (
        {name: value for name, value in answer.items() if name not in SECRETS} if isinstance(answer, dict) else answer
    )
