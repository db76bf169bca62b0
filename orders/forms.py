"""Forms of the order pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import DaysForm
from orders.models import Order


class OrderFilters(DaysForm):
    """Filters of the order list. The days refer to the order date."""

    q = forms.CharField(
        label=_("Order No. or product"), required=False, max_length=200, widget=forms.TextInput({"type": "search"})
    )
    status = forms.ChoiceField(choices=[("", _("All")), *Order.Status.choices], required=False)

    field_order = ["q", "since", "until"]


class AgreedAmountForm(forms.Form):
    """The amount shown to the payer, who agrees to it by posting the form."""

    amount = forms.DecimalField(max_digits=19, decimal_places=3)
