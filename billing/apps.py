from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _

from billing.instants import read_instants


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Accounts and money")

    def ready(self) -> None:
        connection_created.connect(read_instants)
