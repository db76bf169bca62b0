"""Forms of the contract pages. They check the shape of values; services check everything else."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PartyDetailsForm
from common.forms import DaysForm
from contracts.bulk.filters import NEWEST_FIRST, Todo
from contracts.models import Contract, VoidTicket
from contracts.types import CHOICES

SORT_LABELS = {
    NEWEST_FIRST: _("Newest first"),
    "applied_at": _("Oldest first"),
    "-total_amount": _("Highest amount first"),
    "total_amount": _("Lowest amount first"),
    "valid_until": _("Ending first"),
    "-valid_until": _("Ending last"),
}
PICKER_SORT_LABELS = {
    "": _("Newest first"),
    "time": _("Oldest first"),
    "-amount": _("Highest amount first"),
    "amount": _("Lowest amount first"),
}
PAGE_SIZES = (20, 50, 100)


class ListFilters(DaysForm):
    q = forms.CharField(label=_("Number, product, Party A or remarks"), required=False, max_length=64)
    type = forms.ChoiceField(choices=[("", _("All types")), *CHOICES], required=False)
    status = forms.ChoiceField(choices=[("", _("All statuses")), *Contract.Status.choices], required=False)
    product = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    po_number = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    todo = forms.ChoiceField(choices=[("", ""), *Todo.choices], required=False, widget=forms.HiddenInput)
    sort = forms.ChoiceField(label=_("Sort"), choices=[*SORT_LABELS.items()], required=False)
    page_size = forms.TypedChoiceField(
        label=_("Contracts per page"),
        choices=[(size, size) for size in PAGE_SIZES],
        coerce=int,
        required=False,
    )

    field_order = ["q", "since", "until"]


class PickerFilters(DaysForm):
    product = forms.CharField(label=_("Product or order No."), required=False, max_length=200)
    sort = forms.ChoiceField(label=_("Sort"), choices=[*PICKER_SORT_LABELS.items()], required=False)
    available = forms.BooleanField(required=False, widget=forms.HiddenInput)

    field_order = ["product", "since", "until"]


class ApplicationForm(PartyDetailsForm):
    """Party A's details (R12), PO number (R34), language and remarks. Party A's name is not a field (R11)."""

    po_number = forms.CharField(
        label=_("PO number"),
        required=False,
        max_length=64,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Your company's purchase order number, printed at the top of the contract."),
    )

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


class DraftsForm(forms.Form):
    """Fields that several drafts of one selection have in common."""

    po_number = ApplicationForm.declared_fields["po_number"]
    language = ApplicationForm.declared_fields["language"]
    remarks = ApplicationForm.declared_fields["remarks"]


class ConsentForm(forms.Form):
    consent = forms.BooleanField(
        label=_("I have checked the draft and agree that it becomes a binding contract."),
        error_messages={"required": _("Tick the box to convert this draft.")},
    )
    deliver = forms.BooleanField(label=_("Send the official PDF by email"), required=False)


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


class ApprovalRequestForm(forms.Form):
    note = forms.CharField(
        label=_("Message to the approvers"),
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
    )


APPROVE, REJECT = "approve", "reject"


class DecisionForm(forms.Form):
    """An approver's decision, by the button pressed. Approving needs consent, rejecting a note (R44)."""

    decision = forms.ChoiceField(choices=[(APPROVE, APPROVE), (REJECT, REJECT)])
    consent = forms.BooleanField(label=_("I checked the draft and approve it."), required=False)
    note = forms.CharField(
        label=_("Note to the requester"), required=False, max_length=500, widget=forms.Textarea({"rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("decision") == APPROVE and not given.get("consent"):
            self.add_error("consent", _("Confirm that you checked the draft."))
        if given.get("decision") == REJECT and not given.get("note"):
            self.add_error("note", _("Enter the reason for the rejection."))
        return given
