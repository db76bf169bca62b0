"""Filter of back office lists by a range of days."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.days import Interval
from common.forms import DaysForm

PARAMETERS = ("since", "until")
"""Names of the form's fields and of the query parameters. A list has one filter of this kind."""


class DayRange(admin.ListFilter):
    """Filter by a range of days, inclusive, in the office's time zone. Subclasses set `title` and `field`.

    The list is empty while a day is invalid; the form shows why.
    """

    template = "admin/day_range.html"
    title: Promise | str = _("period")  # type: ignore[assignment]  # as in Django's own filters
    field: str
    """A datetime field with an index that sorts it."""
    parameter_names = PARAMETERS

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: admin.ModelAdmin
    ) -> None:
        super().__init__(request, params, model, model_admin)
        for name in PARAMETERS:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]
        self.form = DaysForm(self.used_parameters, auto_id="id_days_%s")

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(PARAMETERS)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.form.is_valid():
            return queryset.none()
        days = Interval(self.form.cleaned_data["since"], self.form.cleaned_data["until"])
        return queryset.filter(days.on(self.field, timezone.get_current_timezone()))

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield one choice for the form: the parameters to keep, and the query string without this filter."""
        others = [
            (name, value)
            for name, value in changelist.params.items()
            if name not in (*PARAMETERS, PAGE_VAR) and isinstance(value, str)
        ]
        yield {
            "selected": any(self.used_parameters.values()),
            "others": others,
            "query_string": changelist.get_query_string(remove=[*PARAMETERS]),
        }


def day_range(field: str, title: Promise | str) -> type[DayRange]:
    """Return a filter of lists by the datetime field `field`."""
    return type("DayRangeOf" + field.title().replace("_", ""), (DayRange,), {"field": field, "title": title})
