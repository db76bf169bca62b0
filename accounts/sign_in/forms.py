"""Forms for new passwords, on the console's pages and in the back office: all end in `set_password`."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, SecurityEvent
from accounts.sign_in.passwords import set_password
from accounts.sign_in.security_log import record_security_event


class Explained(forms.Form):
    """Django explains in a list, which stands in no line of help."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["new_password1"].help_text = _(
            "At least 8 characters; not like your user name or address, and none that many people use."
        )
        self.fields["new_password2"].help_text = ""


class NewPasswordForm(Explained, SetPasswordForm):
    """Set a password by a mailed link. API tokens end too: others may have known the old password."""

    def save(self, commit: bool = True) -> Any:
        set_password(user=self.user, password=self.cleaned_data["new_password1"], by_id=self.user.pk)
        return self.user


class ByOldPassword(PasswordChangeForm):
    """A change by the old password. A wrong one is a failed sign-in in the security log."""

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


class ChangeForm(Explained, ByOldPassword):
    """On the account's page, where people who have API tokens may keep them."""

    keep_tokens = forms.BooleanField(
        required=False,
        label=_("Keep my API tokens"),
        help_text=_("Without this, programs that use your API tokens are refused at once."),
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        if not ApiToken.objects.filter(user=self.user).exists():
            del self.fields["keep_tokens"]


class OfficeChangeForm(ByOldPassword, AdminPasswordChangeForm):
    """In the back office, for one's own password."""
