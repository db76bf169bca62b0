from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common.errors import register_codes


class WebhooksConfig(AppConfig):
    name = "webhooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        from webhooks import emails  # noqa: F401, PLC0415 - registers the kinds; imports models

        register_codes({"events_expired": 410})
