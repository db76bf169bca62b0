from django import forms
from django.utils.translation import gettext_lazy as _

from billing.admin.decisions import DecisionForm
from contracts.models import VoidTicket

LONGEST_NOTE = VoidTicket._meta.get_field("note").max_length


class ApproveForm(DecisionForm):
    note = forms.CharField(
        label=_("Note to the customer"), required=False, max_length=LONGEST_NOTE, widget=forms.Textarea({"rows": 3})
    )


class RejectForm(DecisionForm):
    note = forms.CharField(
        label=_("Note to the customer"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Say why, and what the customer can do instead."),
    )
