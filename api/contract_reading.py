"""Calls that read contracts: for members of the account, and for integrators, whose reads are logged (R26)."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.actors import Actor
from accounts.access.security_log import record_security_event
from accounts.access.tokens import SHOWN_CHARS
from accounts.models import ApiToken, SecurityEvent
from api.authentication import contract_reader, member
from api.views import ApiView


class ContractReadingView(ApiView):
    """Integrators with the scope `contracts` may read, and do nothing else."""

    def get_actor(self, request: Request) -> Actor:
        return contract_reader(request) if request.method in SAFE_METHODS else member(request)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        actor = getattr(self, "actor", None)
        if actor is not None and actor.account is None and response.status_code < 400:
            token = request.auth
            assert isinstance(token, ApiToken)  # noqa: S101 - for mypy: only a token has such an actor
            detail = f"token {token.token_key[:SHOWN_CHARS]}, {request.path}"  # the path names a contract that there is
            record_security_event(kind=SecurityEvent.Kind.RECORDS_READ, user_id=actor.user_id, detail=detail)
        return super().finalize_response(request, response, *args, **kwargs)
