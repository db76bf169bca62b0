from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common.errors import register_codes


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Money")

    def ready(self) -> None:
        from billing import exporting, four_eyes  # noqa: F401, PLC0415 - they register, and import models

        register_codes({"insufficient_balance": 409})
