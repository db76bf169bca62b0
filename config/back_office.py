"""The back office: Django's admin for the issuer's staff."""

from typing import Any, cast

from django.contrib.admin import AdminSite
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache

from billing.password_forms import OfficeChangeForm
from billing.sign_in import require_to_try
from contracts.back_office import home_facts

TEXTS_OF_DJANGO = (gettext_noop("Log out"),)
"""Texts of Django's admin whose Chinese is replaced by our catalogue."""
MODELS = (
    *("VoidTicket", "Contract", "ContractDocument", "AuditEvent", "ClauseVersion", "Issuer"),
    *("CertificationRequest", "Account", "RemittanceAccount", "LedgerEntry", "Notice", "SecurityEvent"),
    *("Order", "Product"),
    *("User", "Group"),
)
"""The models of the sidebar in their order: what is decided most often first."""


def _place(name: str) -> tuple[int, str]:
    """Where a model stands in the sidebar; one that MODELS does not name comes last."""
    return (MODELS.index(name) if name in MODELS else len(MODELS), name)


class BackOffice(AdminSite):
    site_header = _("Back office")
    site_title = _("Electronic Contract Centre")
    index_title = _("To do")
    site_url = None

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """In the order of MODELS, whatever the language: Django sorts by the translated names."""
        apps = self._build_app_dict(request, app_label).values()
        for shown in apps:
            shown["models"].sort(key=lambda model: _place(model["object_name"]))
        return sorted(apps, key=lambda shown: _place(shown["models"][0]["object_name"]))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        facts = home_facts(request.user, now=timezone.now())  # type: ignore[arg-type]  # only staff get here
        return super().index(request, {**facts, **(extra_context or {})})

    @method_decorator(never_cache)
    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """One's own password, by the same path as on the account's page. Raises Refused `throttled`."""
        if request.method == "POST":
            require_to_try(request)
        view = PasswordChangeView.as_view(
            form_class=OfficeChangeForm,
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return cast(TemplateResponse, view(request))

    # Django lets browsers keep this page, which names the signed-in user.
    password_change_done = method_decorator(never_cache)(AdminSite.password_change_done)
