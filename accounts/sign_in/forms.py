"""Password forms of the pages and the back office. All of them call `set_password`."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.access.security_log import record_security_event
from accounts.models import ApiToken, SecurityEvent
from accounts.sign_in.passwords import set_password


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
