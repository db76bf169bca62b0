"""Forms of an account's pages. They check the shape of what is typed; the services check the rules."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, CertificationRequest, DocumentLanguage, PartyProfile


class TokenForm(forms.Form):
    """What a new API token is for, what it may do, and for how long."""

    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("The program that will use it, such as “procurement system”.")
    )
    scope = forms.ChoiceField(
        label=_("It may"),
        choices=ApiToken.Scope.choices[:2],
        initial=ApiToken.Scope.APPLY,
        widget=forms.RadioSelect,
        help_text=_("Read only: look at orders and contracts. Read and act: also apply, convert, void and pay."),
    )
    days = forms.TypedChoiceField(
        label=_("It works for"),
        coerce=int,
        choices=[(90, _("90 days")), (365, _("a year")), (0, _("as long as nobody revokes it"))],
        initial=365,
    )

    def wishes(self) -> dict[str, Any]:
        """As `accounts.access.tokens.create_token` takes them."""
        days = self.cleaned_data["days"]
        return {
            "name": self.cleaned_data["name"],
            "scope": self.cleaned_data["scope"],
            "expires_in": timedelta(days=days) if days else None,
        }


class PartyDetailsForm(forms.ModelForm):
    """Party A's details (R12). Its name is no field of it (R11)."""

    class Meta:
        model = PartyProfile
        fields = PartyProfile.DETAILS
        widgets = {
            "address": forms.TextInput({"autocomplete": "street-address"}),
            "contact": forms.TextInput({"autocomplete": "name"}),
            "phone": forms.TextInput({"autocomplete": "tel", "type": "tel"}),
            "email": forms.EmailInput({"autocomplete": "email"}),
        }

    def details(self) -> dict[str, str]:
        """The seven details as given."""
        return {name: self.cleaned_data[name] for name in PartyProfile.DETAILS}


class SettingsForm(forms.Form):
    """Settings of an account."""

    document_language = forms.ChoiceField(
        label=_("Language of new contracts"),
        choices=[("", _("Each person chooses")), *DocumentLanguage.choices],
        required=False,
        widget=forms.RadioSelect,
        help_text=_("The confirm page starts with it, and it can still be changed there for a single contract."),
    )


class CertificationForm(forms.Form):
    """A request for certification of the kind that the page was opened for; only companies have a credit code."""

    name = forms.CharField(max_length=200)
    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        max_length=40,
        widget=forms.TextInput({"class": "code", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("18 digits and letters, as on the business licence."),
    )
    licence = forms.FileField(
        widget=forms.FileInput({"accept": ".pdf,.png,.jpg,.jpeg"}),
        help_text=_("A PDF, PNG or JPEG file of at most 5 MB. Only our certification staff see it."),
        error_messages={"required": _("Attach a scan of the licence or identity document.")},
    )

    def __init__(self, kind: CertificationRequest.Kind, *args: Any) -> None:
        super().__init__(*args)
        if kind == CertificationRequest.Kind.ENTERPRISE:
            labels = (_("Company name"), _("Business licence"), "organization")
        else:
            labels = (_("Your name"), _("Identity document"), "name")
            del self.fields["credit_code"]
        self.fields["name"].label, self.fields["licence"].label, autocomplete = labels
        self.fields["name"].widget.attrs["autocomplete"] = autocomplete


def labelled_details(details: dict[str, str]) -> list[tuple[str, str]]:
    """The details under the labels that the forms give them."""
    return [(str(field.label), details[name]) for name, field in PartyDetailsForm().fields.items()]
