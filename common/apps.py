from django.apps import AppConfig
from django.db.backends.signals import connection_created

from common.postgres_datetimes import register_instant_loader


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        connection_created.connect(register_instant_loader)
