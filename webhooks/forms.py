from django import forms
from django.utils.translation import gettext_lazy as _

from webhooks.event_types import event_type_choices


class WebhookForm(forms.Form):
    """An endpoint: where events go, and which."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput({"class": "code", "autocomplete": "off", "placeholder": "https://"}),
        help_text=_("Of a program of yours that answers with 2xx within ten seconds. It must begin with https://."),
        error_messages={"required": _("Give the address that events are sent to.")},
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=200,
        required=False,
        help_text=_("For yourselves: which program it is, and who looks after it."),
    )
    event_types = forms.MultipleChoiceField(
        label=_("Events"),
        choices=event_type_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose none to be told of all, also of those that come to be later."),
    )
