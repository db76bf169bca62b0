"""People who sign in, and the groups that say what staff may do: Django's own pages, but for one button."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.http import HttpRequest

admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    readonly_fields = ["last_login", "date_joined"]

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Without the password for those who only read: Django shows everyone the button to reset it."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [(title, {**rest, "fields": _but_password(rest["fields"])}) for title, rest in fieldsets]


def _but_password(fields: Any) -> list[Any]:
    return [field for field in fields if field != "password"]
