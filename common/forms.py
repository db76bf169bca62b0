"""Form parts shared by several apps."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.errors import Fault, Refused


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DaysForm(forms.Form):
    """An inclusive range of days in the account's time zone; an empty field leaves that end open."""

    since = forms.DateField(label=_("From"), required=False, widget=DayInput)
    until = forms.DateField(label=_("To"), required=False, widget=DayInput)

    def clean(self) -> dict[str, Any]:
        days = super().clean() or {}
        since, until = days.get("since"), days.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day is before the first."))
        return days


def place_faults(form: forms.Form | forms.ModelForm, faults: Sequence[Fault]) -> list[Fault]:
    """Add each fault to its form field, unless that field has an error already, and return the faults of no field."""
    others = []
    for fault in faults:
        field = fault.pointer.rpartition("/")[2]
        if field not in form.fields:
            others.append(fault)
        elif field not in form.errors:
            form.add_error(field, fault.detail)
    return others


def refuse_invalid(form: forms.Form) -> None:
    """Raise Refused `invalid` with a fault for each error of the form, which was read from an address."""
    if not form.is_valid():
        errors = ((name, str(error)) for name, of_field in form.errors.items() for error in of_field)
        raise Refused.because([Fault("invalid", error, f"/{name}") for name, error in errors])
