from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.signals import user_logged_in


class CommandsConfig(AppConfig):
    """Commands that replace Django's; it has no models."""

    name = "config"


class BackOfficeConfig(AdminConfig):
    """Django's admin, with the issuer's queue as its first page."""

    default_site = "config.back_office.BackOffice"

    def ready(self) -> None:
        from config.idle import note_sign_in  # noqa: PLC0415 - it imports the models

        super().ready()
        user_logged_in.connect(note_sign_in)
