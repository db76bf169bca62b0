"""Forms of signing in: passwords, whose forms all call `set_password`, codes and passkeys."""

import struct
from typing import Any

from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm, LoginWebAuthnForm
from django import forms
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.access.security_log import record_security_event
from accounts.models import ApiToken, SecurityEvent
from accounts.sign_in.passwords import set_password
from accounts.sign_in.second_factor import record_failed_step, require_attempts_left, verify_code
from common.errors import Refused

MALFORMED_ERRORS = (
    *(ArithmeticError, AttributeError, LookupError, NotImplementedError, TypeError, ValueError),
    struct.error,
)
"""Exceptions of python-fido2 for credentials that no browser sends."""


class ExplainedPasswordForm(forms.Form):
    """Replaces Django's list of password rules by one line of help text."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["new_password1"].help_text = _(
            "At least 8 characters, not similar to your user name or email address, and not a common password."
        )
        self.fields["new_password2"].help_text = ""


class NewPasswordForm(ExplainedPasswordForm, SetPasswordForm):
    """Set a password by an emailed link. Revokes API tokens, because others may have known the old password."""

    def save(self, commit: bool = True) -> Any:
        set_password(user=self.user, password=self.cleaned_data["new_password1"], by_id=self.user.pk)
        return self.user


class OldPasswordForm(PasswordChangeForm):
    """Change a password with the old one. A wrong old password is recorded as a failed sign-in."""

    def clean_old_password(self) -> str:
        try:
            return super().clean_old_password()
        except ValidationError:
            kind = SecurityEvent.Kind.SIGN_IN_FAILED
            record_security_event(kind=kind, user_id=self.user.pk, detail="old password")
            raise

    def save(self, commit: bool = True) -> Any:
        keep = self.cleaned_data.get("keep_tokens", False)
        password = self.cleaned_data["new_password1"]
        set_password(user=self.user, password=password, by_id=self.user.pk, keep_tokens=keep)
        return self.user


class MemberPasswordChangeForm(ExplainedPasswordForm, OldPasswordForm):
    """Password change on the account pages, with the option to keep one's API tokens."""

    keep_tokens = forms.BooleanField(
        required=False,
        label=_("Keep my API tokens"),
        help_text=_("Otherwise they are revoked, and programs that use them stop working immediately."),
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        if not ApiToken.objects.filter(user=self.user).exists():
            del self.fields["keep_tokens"]


class StaffPasswordChangeForm(OldPasswordForm, AdminPasswordChangeForm):
    """Change of one's own password in the back office."""


class CodeField(forms.CharField):
    """A code of an authenticator app, or a recovery code."""

    def __init__(self, **given: Any) -> None:
        attrs = {"autocomplete": "one-time-code", "class": "code", "spellcheck": "false", "autofocus": True}
        super().__init__(label=_("Code"), max_length=60, widget=forms.TextInput(attrs), **given)


class AppForm(forms.Form):
    """The first code of an authenticator app."""

    code = CodeField(help_text=_("The six digits that the app shows now."))


class ConfirmForm(forms.Form):
    """The password again, before sign-in is changed."""

    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )


class SecondStepForm(AuthenticateForm):
    """A code of an app, or a recovery code."""

    code = CodeField(help_text=_("Six digits of your authenticator app, or one of your recovery codes."))

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            factor = verify_code(user=self.user, code=code)
        except Refused as refused:
            raise ValidationError(refused.detail) from refused
        if factor is None:
            raise ValidationError(_("Wrong code. Each code works once."))
        self.authenticator = factor
        return code


class CarefulCredential:
    """Refuses credentials that python-fido2 cannot read."""

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except MALFORMED_ERRORS as error:
            raise ValidationError(_("This passkey was not accepted.")) from error


class PasskeyStepForm(CarefulCredential, AuthenticateWebAuthnForm):
    """A passkey as the second step."""

    def clean_credential(self) -> Authenticator:
        try:
            require_attempts_left(self.user)
        except Refused as refused:
            raise ValidationError(refused.detail) from refused
        try:
            return super().clean_credential()
        except ValidationError:
            record_failed_step(self.user, "passkey")
            raise


class PasskeySignInForm(CarefulCredential, LoginWebAuthnForm):
    """A passkey that replaces name and password."""


class PasskeyForm(AddWebAuthnForm):
    """A new passkey: its name, and the credential that the browser made, which asked for PIN or biometrics."""

    name = forms.CharField(
        label=_("Name"), required=False, max_length=60, help_text=_("Where it is stored, for example “office laptop”.")
    )
    passwordless = None

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True  # so that allauth requires the PIN or biometrics
        try:
            return super().clean()
        except MALFORMED_ERRORS as error:
            raise ValidationError(_("This passkey was not accepted.")) from error
