"""Who must have a second factor: staff by STAFF_MFA_REQUIRED, and members whose account asks for it (R50)."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import Account, Membership
from accounts.sign_in.second_factor import has_second_factor

STRONG_SESSION_KEY = "second_factor"
"""Session key: True after a second factor was used or added in this session, so that no page looks it up."""


def is_required_of_staff(user: AbstractBaseUser | AnonymousUser) -> bool:
    return bool(settings.STAFF_MFA_REQUIRED and getattr(user, "is_staff", False))


def is_required_of(user: User) -> bool:
    """Return True if the user must have a second factor, as staff or for any of their accounts."""
    asked = Membership.objects.filter(user=user, account__second_factor_required=True)
    return is_required_of_staff(user) or asked.exists()


def must_set_up(request: HttpRequest, account: Account | None = None) -> bool:
    """Return True if the signed-in user must set up a second factor before using the back office or the account."""
    if not (is_required_of_staff(request.user) or (account and account.second_factor_required)):
        return False
    if request.session.get(STRONG_SESSION_KEY):
        return False
    return not has_second_factor(request.user)  # type: ignore[arg-type]  # signed in


def mark_strong(request: HttpRequest) -> None:
    request.session[STRONG_SESSION_KEY] = True


def redirect_to_set_up(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("Set up a second factor to continue. Nothing was changed."))
    page = reverse("account-security")
    return HttpResponseClientRedirect(page) if getattr(request, "htmx", False) else redirect(page)
