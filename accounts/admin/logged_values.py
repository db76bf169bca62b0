"""Bank details in the admin's log: the old and the new value of each field that was changed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class LoggedValues(admin.ModelAdmin):
    """The log of an added or changed row names the values of `logged_fields`, not only the fields."""

    logged_fields: tuple[str, ...]

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[dict[str, Any]]:
        changed = [name for name in form.changed_data if name in self.logged_fields]
        values = [f"{form.fields[name].label}: {_before(form, name)} → {form.cleaned_data[name]}" for name in changed]
        message: list[Any] = list(super().construct_change_message(request, form, formsets, add))
        return [*message, {"changed": {"fields": values}}] if values else message


def _before(form: Any, name: str) -> str:
    """The value that was stored, or a dash for none."""
    return str(form.initial.get(name) or "—")
