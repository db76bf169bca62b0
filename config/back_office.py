"""The back office: Django's admin for the issuer's staff."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache

from contracts.back_office import home_facts

TEXTS_OF_DJANGO = (gettext_noop("Log out"),)
"""Texts of Django's admin whose Chinese is replaced by our catalogue."""


class BackOffice(AdminSite):
    site_header = _("Back office")
    site_title = _("Electronic Contract Centre")
    index_title = _("What waits for you")
    site_url = None

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        facts = home_facts(request.user, now=timezone.now())  # type: ignore[arg-type]  # only staff get here
        return super().index(request, {**facts, **(extra_context or {})})

    # Django lets browsers keep these two pages, which name whoever is signed in.
    password_change = method_decorator(never_cache)(AdminSite.password_change)
    password_change_done = method_decorator(never_cache)(AdminSite.password_change_done)
