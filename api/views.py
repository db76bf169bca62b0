"""The base view: checks token, rate limit, permission and parameters, in this order."""

from collections.abc import Collection, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.access.actors import Actor
from api.authentication import member
from common.errors import Fault, Refused, pointer_token


class ApiView(APIView):
    """Checks the permission before reading the request (R26), then the names of its parameters (R46).

    Only GET has `query_parameters`. Those named in `repeatable` may appear more than once.
    """

    query_parameters: Sequence[OpenApiParameter] = ()
    repeatable: Collection[str] = ()
    actor: Actor

    def get_actor(self, request: Request) -> Actor:
        """Return the actor of the call. Raises Refused `permission_denied`."""
        return member(request)

    def authorize(self, request: Request) -> None:
        """Set `actor`. Raises Refused `permission_denied`, for a change also where the caller may only read."""
        self.actor = self.get_actor(request)
        if request.method not in SAFE_METHODS:
            self.actor.require_to_act()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "OPTIONS" or request.method not in self.allowed_methods:
            return
        self.authorize(request)
        read = request.method in SAFE_METHODS
        known = {p.name for p in self.query_parameters} if read else ()
        require_known_parameters(request.query_params, known, repeatable=self.repeatable)
        require_plain_body(request)


def require_known_parameters(given: QueryDict, known: Collection[str], *, repeatable: Collection[str] = ()) -> None:
    """Refuse unknown and repeated query parameters. A misspelt filter would list everything.

    Raises Refused `invalid` with one fault for each parameter.
    """
    faults = [_fault(name, _("There is no such parameter.")) for name in sorted(given) if name not in known]
    faults += [_fault(name, _("This parameter appears twice.")) for name in _repeated(given) if name not in repeatable]
    if faults:
        raise Refused.because(faults)


def _repeated(given: QueryDict) -> list[str]:
    return [name for name in given if len(given.getlist(name)) > 1]


def _fault(name: str, detail: str) -> Fault:
    return Fault("invalid", detail, f"/{pointer_token(name)}")


def require_plain_body(request: Request) -> None:
    """Raises Refused `unsupported_media_type` for a compressed body (RFC 9110, 8.4)."""
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity"):
        raise Refused(
            "unsupported_media_type",
            _("The body is compressed. Send it without Content-Encoding."),
            headers={"Accept-Encoding": "identity"},
        )
