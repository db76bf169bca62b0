"""Forms of the account pages. They validate the format; the services validate the rules."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.cc_emails import validate_cc_emails
from accounts.email_addresses import MAX_EMAIL_LENGTH
from accounts.models import ApiToken, CertificationRequest, DocumentLanguage, Membership, PartyProfile
from common.errors import Refused


class EmailAddressForm(forms.Form):
    """The email address of the person at the page."""

    email = forms.EmailField(
        label=_("Your email address"),
        max_length=MAX_EMAIL_LENGTH,
        widget=forms.EmailInput({"autocomplete": "email"}),
    )

    def __init__(self, *given: Any, help_text: str, label: str = "") -> None:
        super().__init__(*given)
        self.fields["email"].help_text = help_text
        if label:
            self.fields["email"].label = label


class TokenForm(forms.Form):
    """Name, scope and validity of a new API token."""

    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("The program that will use it, for example “procurement system”.")
    )
    scope = forms.ChoiceField(
        label=_("Permission"),
        choices=ApiToken.Scope.choices[:2],
        initial=ApiToken.Scope.APPLY,
        widget=forms.RadioSelect,
        help_text=_("Read only: view orders and contracts. Read and act: also apply, convert, void and pay."),
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=[(90, _("90 days")), (365, _("One year")), (0, _("Until it is revoked"))],
        initial=365,
    )

    def service_arguments(self) -> dict[str, Any]:
        """Return the arguments for `accounts.access.tokens.create_token`."""
        days = self.cleaned_data["days"]
        return {
            "name": self.cleaned_data["name"],
            "scope": self.cleaned_data["scope"],
            "expires_in": timedelta(days=days) if days else None,
        }


class PartyDetailsForm(forms.ModelForm):
    """Party A's details (R12), without its name (R11)."""

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
        return {name: self.cleaned_data[name] for name in PartyProfile.DETAILS}


class SettingsForm(forms.Form):
    """Settings of an account."""

    po_number_required = forms.BooleanField(
        label=_("Require a PO number"),
        required=False,
        help_text=_("New contracts need your company's purchase order number."),
    )

    second_factor_required = forms.BooleanField(
        label=_("Require a second factor"),
        required=False,
        help_text=_(
            "Members need an authenticator app or a passkey besides their password. Those without one set it up first."
        ),
    )

    approval_from = forms.DecimalField(
        required=False,
        min_value=0,
        max_digits=18,
        help_text=_(
            "Contracts of this total or more become official only when another member approves. Leave empty for none."
        ),
    )

    deliver_by_email = forms.BooleanField(
        label=_("Send official contracts by email"),
        required=False,
        help_text=_("The sealed PDF goes to the contact and the CC addresses. Each conversion can decide otherwise."),
    )

    cc_emails = forms.CharField(
        label=_("CC addresses"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3, "class": "addresses", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Up to five email addresses, one per line."),
    )

    document_language = forms.ChoiceField(
        label=_("Language of new contracts"),
        choices=[("", _("Each person chooses")), *DocumentLanguage.choices],
        required=False,
        widget=forms.RadioSelect,
        help_text=_("Preselected on the confirm page. It can be changed there for each contract."),
    )

    def clean_cc_emails(self) -> list[str]:
        try:
            return validate_cc_emails(re.split(r"[\s,;，；]+", self.cleaned_data["cc_emails"]))
        except Refused as refused:
            raise forms.ValidationError([fault.detail for fault in refused.faults]) from refused


class CertificationForm(forms.Form):
    """A certification request of the given kind. Only companies have a credit code."""

    name = forms.CharField(max_length=200)
    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        max_length=40,
        widget=forms.TextInput({"class": "code", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("18 digits and letters, as shown on the business licence."),
    )
    licence = forms.FileField(
        widget=forms.FileInput({"accept": ".pdf,.png,.jpg,.jpeg"}),
        help_text=_("PDF, PNG or JPEG file, at most 5 MB. Only our certification staff can see it."),
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


def label_details(details: dict[str, str]) -> list[tuple[str, str]]:
    """Return (form label, value) for each detail."""
    return [(str(field.label), details[name]) for name, field in PartyDetailsForm().fields.items()]


class InvitationForm(forms.Form):
    """An invitation to become a member (R49)."""

    email = forms.EmailField(
        label=_("Email address"),
        max_length=MAX_EMAIL_LENGTH,
        widget=forms.EmailInput({"autocomplete": "off"}),
        help_text=_("We send a link that is valid for 7 days."),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Membership.Role.choices,
        initial=Membership.Role.FINANCE,
        widget=forms.RadioSelect,
        help_text=_(
            "Viewers only read. Finance members also apply, convert, void and pay. Owners also manage members."
        ),
    )


class MemberForm(forms.Form):
    """A member's role and right (R26, R44)."""

    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices, widget=forms.RadioSelect)
    is_approver = forms.BooleanField(
        label=_("May approve conversions"),
        required=False,
        help_text=_("For finance members. Owners always may, and viewers never."),
    )
