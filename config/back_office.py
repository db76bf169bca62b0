"""The back office: Django's admin for the issuer's staff."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache

from accounts.sign_in.forms import StaffPasswordChangeForm
from accounts.sign_in.limits import count_old_password_attempt
from accounts.sign_in.requirement import must_set_up, redirect_to_set_up
from accounts.views.saved_filters import saved_filters_view
from accounts.views.sign_in import SignInView
from contracts.views.back_office.home import home_facts
from contracts.views.back_office.month_close import month_close
from exports.office_views import office_export_file, office_export_page

TEXTS_OF_DJANGO = (gettext_noop("Log out"),)
"""Texts of Django's admin whose Chinese translation our catalogue replaces."""
MODELS = (
    *("VoidTicket", "Contract", "Batch", "ContractDocument", "AuditEvent", "SealUse", "ClauseVersion"),
    *("CertificationRequest", "Proposal", "Account", "Issuer", "SecurityEvent"),
    *("LedgerEntry", "RemittanceAccount"),
    "Notice",
    *("Order", "Product"),
    *("WebhookDelivery", "WebhookEndpoint"),
    *("User", "Group"),
)
"""Models in the order of the sidebar, app by app, most used first."""

View = TypeVar("View", bound=Callable[..., Any])


def _place(name: str) -> tuple[int, str]:
    """Return a sort key for the sidebar. Models missing in MODELS come last."""
    return (MODELS.index(name) if name in MODELS else len(MODELS), name)


class BackOffice(AdminSite):
    site_header = _("Back office")
    site_title = _("Electronic Contract Centre")
    index_title = _("To do")
    site_url = None

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Sort by MODELS in every language. Django sorts by translated names."""
        apps = self._build_app_dict(request, app_label).values()
        for shown in apps:
            shown["models"].sort(key=lambda model: _place(model["object_name"]))
        return sorted(apps, key=lambda shown: _place(shown["models"][0]["object_name"]))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [
            path("saved-filters/", self.admin_view(partial(saved_filters_view, site=self)), name="saved_filters"),
            path("month-close/", self.admin_view(month_close), name="month_close"),
            path("exports/<uuid:export_id>/", self.admin_view(office_export_page), name="export"),
            path("exports/<uuid:export_id>/file/", self.admin_view(office_export_file), name="export_file"),
        ]
        return own + super().get_urls()

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Show nothing but signing out to staff who must set up a second factor first (R50)."""
        checked = super().admin_view(view, cacheable)

        @wraps(checked)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            leaving = request.path == reverse("admin:logout", current_app=self.name)
            if self.has_permission(request) and not leaving and must_set_up(request):
                return redirect_to_set_up(request)
            return checked(request, *args, **kwargs)

        return cast(View, guarded)

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign in as on the pages, the second step included."""
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            **(extra_context or {}),
        }
        if REDIRECT_FIELD_NAME not in request.GET and REDIRECT_FIELD_NAME not in request.POST:
            context[REDIRECT_FIELD_NAME] = reverse("admin:index", current_app=self.name)
        view = SignInView.as_view(
            redirect_authenticated_user=False,
            authentication_form=AdminAuthenticationForm,
            template_name="admin/login.html",
            extra_context=context,
        )
        return cast(HttpResponse, view(request))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        facts = home_facts(request.user, now=timezone.now())  # type: ignore[arg-type]  # only staff get here
        return super().index(request, {**facts, **(extra_context or {})})

    @method_decorator(never_cache)
    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Change the user's own password as the account pages do. Raises Refused `throttled`."""
        if request.method == "POST":
            count_old_password_attempt(request)
        view = PasswordChangeView.as_view(
            form_class=StaffPasswordChangeForm,
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return cast(TemplateResponse, view(request))

    # Django lets browsers cache this page, which names the signed-in user.
    password_change_done = method_decorator(never_cache)(AdminSite.password_change_done)
