from django import forms
from django.utils.translation import gettext_lazy as _

from webhooks.event_types import event_type_choices


class WebhookForm(forms.Form):
    """URL, description and subscribed event types of an endpoint."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput({"class": "code", "autocomplete": "off", "placeholder": "https://"}),
        help_text=_("Your program must respond with a 2xx status within ten seconds. Must begin with https://."),
        error_messages={"required": _("Enter the address to send events to.")},
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=200,
        required=False,
        help_text=_("For your own reference: which program it is and who maintains it."),
    )
    event_types = forms.MultipleChoiceField(
        label=_("Events"),
        choices=event_type_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Leave all unchecked to receive every event, including types added later."),
    )
