from collections.abc import Collection
from datetime import datetime

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from contracts.guards import install_guards
from contracts.pdf.fonts import use_fallback
from contracts.shipped import install_shipped
from orders.ending import call_when_orders_end


def _end_contracts(order_ids: Collection[int], now: datetime) -> None:
    from contracts.services.expiry import end_contracts_of  # noqa: PLC0415 - pyHanko takes its time to load

    end_contracts_of(order_ids, now)


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = _("Contracts")

    def ready(self) -> None:
        post_migrate.connect(install_shipped, sender=self)
        post_migrate.connect(install_guards, sender=self)
        call_when_orders_end(_end_contracts)
        self._check_imported_orders()
        self._register_checks()
        if settings.FALLBACK_FONT:
            use_fallback(settings.FALLBACK_FONT)

    def _register_checks(self) -> None:
        from contracts import checks  # noqa: F401, PLC0415 - importing registers them

    def _check_imported_orders(self) -> None:
        from contracts.printable import warnings_of_row  # noqa: PLC0415 - it imports models
        from orders.importing.warnings import check_imported_orders  # noqa: PLC0415 - as above

        check_imported_orders(warnings_of_row)
