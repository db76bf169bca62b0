import hashlib
from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from billing.access import Actor
from billing.errors import Refused
from contracts.models import IdempotentRequest

LONGEST_KEY = 255


def answer_once(request: Request, actor: Actor, do: Callable[[], Response]) -> Response:
    """`do()`, or the answer it gave before to the same `Idempotency-Key` and body (draft-ietf-httpapi-idempotency-key).

    The key is kept in the transaction of the change: a refusal keeps none, and a second request waits for the first.
    Raises Refused `idempotency_conflict` for the same key with another body.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return do()
    if len(key) > LONGEST_KEY:
        raise Refused("invalid", _("Idempotency-Key holds at most %(limit)d characters.") % {"limit": LONGEST_KEY})
    fingerprint = hashlib.sha256(f"{request.method} {request.path}\n".encode() + request._request.body).hexdigest()
    with transaction.atomic():
        kept, is_new = IdempotentRequest.objects.get_or_create(
            account=actor.account, user_id=actor.person, key=key, defaults={"fingerprint": fingerprint}
        )
        if not is_new:
            if kept.fingerprint != fingerprint:
                raise Refused("idempotency_conflict", _("This Idempotency-Key was used for another request."))
            return Response(kept.answer, status=kept.status_code)
        response = do()
        kept.status_code, kept.answer = response.status_code, response.data
        kept.save(update_fields=["status_code", "answer"])
    return response
