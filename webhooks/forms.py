from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from webhooks.event_types import event_type_choices
from webhooks.models import WebhookDelivery


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


class TimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


def _type_choices() -> list[tuple[str, Any]]:
    types = [(value, value) for value, _label in event_type_choices()]
    return [("", _("All events")), *types, (WebhookDelivery.TEST, WebhookDelivery.TEST)]


class DeliveryFilterForm(forms.Form):
    """Conditions of a DeliveryFilter, in the address of the log. Times are in the account's time zone."""

    subject = forms.CharField(
        label=_("Contract or order No."),
        required=False,
        max_length=WebhookDelivery._meta.get_field("subject").max_length,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    type = forms.ChoiceField(label=_("Event"), required=False, choices=_type_choices)
    state = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("All")), *WebhookDelivery.State.choices]
    )
    created_from = forms.DateTimeField(label=_("Created from"), required=False, widget=TimeInput)
    created_to = forms.DateTimeField(label=_("Created before"), required=False, widget=TimeInput)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        created_from, created_to = given.get("created_from"), given.get("created_to")
        if created_from and created_to and created_from >= created_to:
            self.add_error("created_to", _("The end is not after the beginning."))
        return given

    def has_values(self) -> bool:
        return any(self.data.get(name) for name in self.fields)
