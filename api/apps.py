from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common.errors import register_codes


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = _("API")

    def ready(self) -> None:
        register_codes({"idempotency_conflict": 422})
