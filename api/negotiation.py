from collections.abc import Iterable

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from api.problems import MEDIA_TYPE


class JSONNegotiation(DefaultContentNegotiation):
    """Accepts `application/problem+json` as JSON: every error of the API is problem details (RFC 9457)."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        if any(accepted.split(";")[0].strip() == MEDIA_TYPE for accepted in self.get_accept_list(request)):
            [json] = renderers
            return json, json.media_type
        return super().select_renderer(request, renderers, format_suffix)
