"""Record old and new values of changed bank details in the admin log."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class LoggedValues(admin.ModelAdmin):
    """Add the old and new values of `logged_fields` to the admin log."""

    logged_fields: tuple[str, ...]

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[dict[str, Any]]:
        changed = [name for name in form.changed_data if name in self.logged_fields]
        values = [f"{form.fields[name].label}: {_before(form, name)} → {form.cleaned_data[name]}" for name in changed]
        message: list[Any] = list(super().construct_change_message(request, form, formsets, add))
        return [*message, {"changed": {"fields": values}}] if values else message


def _before(form: Any, name: str) -> str:
    """Return the stored value, or a dash if there is none."""
    return str(form.initial.get(name) or "—")
