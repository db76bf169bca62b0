"""Forms of the contract pages. They check the shape of values; services check everything else."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PartyDetailsForm
from common.forms import DaysForm
from contracts.models import Contract, VoidTicket
from contracts.types import CHOICES


class ListFilters(DaysForm):
    q = forms.CharField(label=_("Contract No., order No. or remarks"), required=False, max_length=64)
    type = forms.ChoiceField(choices=[("", _("All types")), *CHOICES], required=False)
    status = forms.ChoiceField(choices=[("", _("All statuses")), *Contract.Status.choices], required=False)

    field_order = ["q", "since", "until"]


class PickerFilters(DaysForm):
    product = forms.CharField(label=_("Product or order No."), required=False, max_length=200)

    field_order = ["product", "since", "until"]


class ApplicationForm(PartyDetailsForm):
    """Party A's details (R12), language and remarks. Party A's name is not a field (R11)."""

    language = forms.ChoiceField(
        label=_("Language of the document"),
        choices=Contract.Language.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    remarks = forms.CharField(
        label=_("Remarks"),
        required=False,
        max_length=200,
        help_text=_("Only for your own list; not printed in the document."),
    )


class ConsentForm(forms.Form):
    consent = forms.BooleanField(
        label=_("I have checked the draft and agree that it becomes a binding contract."),
        error_messages={"required": _("Tick the box to convert this draft.")},
    )


class VoidForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=Contract._meta.get_field("void_reason").max_length,
        widget=forms.Textarea({"rows": 3, "autofocus": True}),
    )


class RequestVoidForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=VoidTicket._meta.get_field("reason").max_length,
        widget=forms.Textarea({"rows": 4, "autofocus": True}),
        help_text=_("Our contract staff will read this. Tell us what is wrong and what you need instead."),
    )
