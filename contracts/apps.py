from collections.abc import Collection
from datetime import datetime

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from accounts.integrator_scopes import register_integrator_scope
from common.errors import register_codes
from contracts.pdf.fonts import use_fallback
from contracts.trail.guards import install_guards
from orders.order_handlers import register_invoices_stated_handler, register_orders_ended_handler
from webhooks.event_types import register_event_types

CODES = {
    "no_orders": 400,
    "too_many_orders": 400,
    "mixed_currency": 400,
    "po_number_required": 400,
    "unprintable_characters": 400,
    "order_in_live_contract": 409,
    "contract_expired": 409,
    "order_changed": 409,
    "approval_required": 409,
    "ticket_already_open": 409,
    "contract_voided": 410,
    "verifier_busy": 503,
    "downloads_busy": 503,
    "seal_unavailable": 503,
    "clauses_missing": 503,
}


def _end_contracts(order_ids: Collection[int], now: datetime) -> None:
    from contracts.services.expiry import end_contracts_of  # noqa: PLC0415 - pyHanko takes its time to load

    end_contracts_of(order_ids, now)


def _publish_flagged_contracts(order_ids: Collection[int], now: datetime) -> None:
    from contracts.services.order_facts import publish_flagged_contracts  # noqa: PLC0415 - it imports models

    publish_flagged_contracts(order_ids, now)


def _mark_invoiced_contracts_changed(order_ids: Collection[int]) -> None:
    from contracts.services.order_facts import mark_invoiced_contracts_changed  # noqa: PLC0415 - as above

    mark_invoiced_contracts_changed(order_ids)


def _find_accounts_with_contracts(account_ids: Collection[int]) -> Collection[int]:
    from contracts.models import Contract  # noqa: PLC0415 - the app registry is not ready yet

    return Contract.objects.filter(account__in=account_ids).order_by().values_list("account", flat=True).distinct()


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = _("Contracts")

    def ready(self) -> None:
        from contracts.operations.initial_data import install_shipped  # noqa: PLC0415 - it imports models

        register_codes(CODES, retry_after={"verifier_busy": 5, "downloads_busy": 30, "seal_unavailable": 30})
        register_integrator_scope("contracts", "contracts.integrate_contracts")
        self._register_events_and_emails()
        self._register_acts()
        post_migrate.connect(install_shipped, sender=self)
        post_migrate.connect(install_guards, sender=self)
        register_orders_ended_handler(_end_contracts)
        register_orders_ended_handler(_publish_flagged_contracts)
        register_invoices_stated_handler(_mark_invoiced_contracts_changed)
        self._register_fixed_accounts()
        self._check_imported_orders()
        self._register_checks()
        if settings.FALLBACK_FONT:
            use_fallback(settings.FALLBACK_FONT)

    def _register_events_and_emails(self) -> None:
        from contracts.bulk import exporting, month_close  # noqa: F401, PLC0415 - they register exporters, and import models
        from contracts.notifications import deliveries, emails  # noqa: F401, PLC0415 - they register the kinds
        from contracts.notifications.webhooks import EventType  # noqa: PLC0415 - as above

        register_event_types(EventType, scope="contracts")

    def _register_fixed_accounts(self) -> None:
        from accounts.test_mark import register_fixed_accounts  # noqa: PLC0415 - it imports models

        register_fixed_accounts(_find_accounts_with_contracts)

    def _register_acts(self) -> None:
        from contracts.services import proposals  # noqa: F401, PLC0415 - importing registers them

    def _register_checks(self) -> None:
        from contracts.verification.sandbox import checks  # noqa: F401, PLC0415 - importing registers them

    def _check_imported_orders(self) -> None:
        from contracts.documents.printable import warnings_of_row  # noqa: PLC0415 - it imports models
        from orders.importing.warnings import register_import_check  # noqa: PLC0415 - as above

        register_import_check(warnings_of_row)
