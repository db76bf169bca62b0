from django.apps import AppConfig
from django.conf import settings

from contracts.pdf.fonts import use_fallback


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = "Contracts"

    def ready(self) -> None:
        if settings.FALLBACK_FONT:
            use_fallback(settings.FALLBACK_FONT)
