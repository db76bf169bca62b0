from django.apps import AppConfig
from django.db.backends.signals import connection_created

from common.postgres_datetimes import read_instants


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        connection_created.connect(read_instants)
