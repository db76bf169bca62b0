"""What the order pages ask for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import DaysForm
from orders.models import Order


class OrderFilters(DaysForm):
    """The days are those of ordering."""

    q = forms.CharField(
        label=_("Order No. or product"), required=False, max_length=200, widget=forms.TextInput({"type": "search"})
    )
    status = forms.ChoiceField(choices=[("", _("All")), *Order.Status.choices], required=False)

    field_order = ["q", "since", "until"]


class AgreedAmountForm(forms.Form):
    """What the payer was shown, and agrees to by posting it."""

    amount = forms.DecimalField(max_digits=19, decimal_places=3)
