from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.signals import user_logged_in

from config import error_reports, tracing


class CommandsConfig(AppConfig):
    """Management commands that replace Django's own, and what watches every process. No models."""

    name = "config"

    def ready(self) -> None:
        tracing.start()
        error_reports.start()


class BackOfficeConfig(AdminConfig):
    """Django's admin with the back office's home page."""

    default_site = "config.back_office.BackOffice"

    def ready(self) -> None:
        from config.idle import note_sign_in  # noqa: PLC0415 - it imports the models

        super().ready()
        user_logged_in.connect(note_sign_in)
