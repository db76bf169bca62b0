from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _

from common.postgres_datetimes import read_instants


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Accounts and money")

    def ready(self) -> None:
        from accounts.sign_in.security_log import record_sign_ins  # noqa: PLC0415 - it imports the models

        record_sign_ins()
        connection_created.connect(read_instants)
