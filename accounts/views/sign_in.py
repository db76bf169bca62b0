"""Signing in: the password, the second step, and signing in with a passkey alone."""

import json
from typing import Any, cast

from allauth.account.internal.stagekit import clear_login
from allauth.account.utils import perform_login
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.internal.auth import begin_authentication
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access.security_log import note_way_of_signing_in, record_failed_passkey
from accounts.sign_in.forms import PasskeySignInForm, PasskeyStepForm, SecondStepForm
from accounts.sign_in.limits import count_sign_in_attempt
from accounts.sign_in.requirement import mark_strong
from accounts.sign_in.second_factor import get_factors


class SignInView(LoginView):
    """Check user name and password, then sign in, or ask for the second factor where the user has one."""

    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "has_provider": bool(settings.OIDC_ISSUER)}

    def form_valid(self, form: Any) -> HttpResponse:
        note_way_of_signing_in(self.request, "password")
        return cast(HttpResponse, perform_login(self.request, form.get_user(), redirect_url=self.get_success_url()))


@method_decorator(sensitive_post_parameters(), name="dispatch")
class SecondStepView(AuthenticateView):
    """Ask for a code or a passkey, up to 15 minutes after the password."""

    form_class = SecondStepForm
    webauthn_form_class = PasskeyStepForm
    template_name = "registration/second_step.html"

    def form_valid(self, form: Any) -> HttpResponse:
        factor = form.cleaned_data.get("credential") or form.authenticator
        note_way_of_signing_in(self.request, factor.type, after=True)
        response = super().form_valid(form)
        if self.request.user.is_authenticated:
            mark_strong(self.request)
        return cast(HttpResponse, response)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        types = set(get_factors(self.stage.login.user).values_list("type", flat=True))
        options = json.dumps(begin_authentication(self.stage.login.user)) if "webauthn" in types else None
        return {
            "form": self.auth_form or self.form_class(user=self.stage.login.user),
            "passkey_form": self.webauthn_form,
            "options": options,
        }


class PasskeySignInView(LoginWebAuthnView):
    """Return the options of a sign-in with a passkey to the page's script, and check what it sends back."""

    form_class = PasskeySignInForm

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        count_sign_in_attempt(request)
        clear_login(request)  # of a password whose second step was not completed
        return cast(HttpResponseBase, super().dispatch(request, *args, **kwargs))

    def form_invalid(self, form: Any) -> HttpResponse:
        record_failed_passkey()
        messages.error(self.request, _("This passkey was not accepted. Sign in with your password."))
        return redirect("login")

    def form_valid(self, form: Any) -> HttpResponse:
        note_way_of_signing_in(self.request, "webauthn")
        response = super().form_valid(form)
        if self.request.user.is_authenticated:
            mark_strong(self.request)
        return cast(HttpResponse, response)
