import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Utf8Request(WSGIRequest):
    """A request whose URL and form are decoded as UTF-8, whatever its Content-Type says.

    Django decodes the URL by that charset before any middleware runs, and fails on some of Python's charsets.
    SoundRequestMiddleware refuses them.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


class Handler(WSGIHandler):
    request_class = Utf8Request


django.setup(set_prefix=False)

from contracts.sealing.key import require_seal_at_start  # noqa: E402 - it needs the settings

require_seal_at_start()
application = Handler()
