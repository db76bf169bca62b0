"""Users and staff groups: Django's own admin pages, with records in the security log."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from accounts.access.security_log import record_security_event
from accounts.admin.base import StrictLookups
from accounts.models import Membership, SecurityEvent
from accounts.sign_in.passwords import handle_password_change

ROLE_FIELDS = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")
"""Fields that determine a user's permissions."""

admin.site.unregister(User)
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)  # allauth's pages: factors are changed by their owners and by reset_mfa alone
admin.site.unregister(Authenticator)


@admin.register(User)
class PersonAdmin(StrictLookups, UserAdmin):
    readonly_fields = ["last_login", "date_joined"]

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Hide the password from read-only users, because Django shows them the reset button."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [(title, {**rest, "fields": _without_password(rest["fields"])}) for title, rest in fieldsets]

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Run Django's page, then the follow-up of every password change (accounts/sign_in/passwords.py)."""
        user = self.get_object(request, unquote(id))
        before = user.password if user else ""
        answer = super().user_change_password(request, id, form_url)
        if user:
            user.refresh_from_db(fields=["password"])
            if user.password != before:
                handle_password_change(user=user, by_id=request.user.pk)
        return answer

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        changed = [name for name in ROLE_FIELDS if name in form.changed_data]
        if changed:
            values = "; ".join(f"{name}: {_format_value(form.instance, name)}" for name in changed)
            _record_role_change(request, about_id=form.instance.pk, detail=values)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for user in queryset:
            _record_role_change(request, about_id=None, detail=f"user {user.pk} deleted")
        return super().log_deletions(request, queryset)


@admin.register(Group)
class RoleAdmin(StrictLookups, GroupAdmin):
    """Groups, whose permissions apply to all their members."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.changed_data:
            permissions = _format_value(form.instance, "permissions")
            _record_role_change(request, about_id=None, detail=f"group {form.instance}: {permissions}")

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for group in queryset:
            _record_role_change(request, about_id=None, detail=f"group {group} deleted")
        return super().log_deletions(request, queryset)


def record_member_changes(request: HttpRequest, formset: Any) -> None:
    """Record the members added, changed and removed by the formset of an account's page."""
    if formset.model is not Membership:
        return
    saved = [*formset.new_objects, *(member for member, _fields in formset.changed_objects)]
    for member in saved:
        _record_role_change(request, about_id=member.user_id, detail=f"account {member.account.number}: {member.role}")
    for member in formset.deleted_objects:
        _record_role_change(request, about_id=member.user_id, detail=f"account {member.account.number}: removed")


def _record_role_change(request: HttpRequest, *, about_id: int | None, detail: str) -> None:
    kind = SecurityEvent.Kind.ROLE_CHANGED
    record_security_event(kind=kind, user_id=request.user.pk, about_id=about_id, detail=detail)


def _format_value(row: Any, name: str) -> str:
    """Format a flag, the names of groups, or the codenames of permissions; "none" for an empty list."""
    value = getattr(row, name)
    if isinstance(value, bool):
        return str(value).lower()
    key = "name" if value.model is Group else "codename"
    return ", ".join(value.order_by(key).values_list(key, flat=True)) or "none"


def _without_password(fields: Any) -> list[Any]:
    return [field for field in fields if field != "password"]
