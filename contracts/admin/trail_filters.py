"""Filter of the audit trail and of the uses of the seal: by person, and by days of the office's time zone."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth import get_user_model
from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat, Trim
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import StrictLookups, get_ids
from common.days import Interval
from common.normal_forms import normalise_line

PERSON, SINCE, UNTIL = "person", "since", "until"


class PersonAndDays(admin.ListFilter):
    """Rows with these `actor_id` and days of `at`."""

    title = _("person and date")
    template = "admin/contracts/person_and_days.html"
    parameter_name = PERSON
    fields = (PERSON, SINCE, UNTIL)

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.fields:
            params.pop(name, None)
        self.values = {name: request.GET.get(name, "").strip() for name in self.fields}
        self.others = [(name, value) for name, value in request.GET.items() if name not in (*self.fields, "p", "e")]

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.fields)

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        yield {"values": self.values, "others": self.others, "is_active": any(self.values.values())}

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        days = Interval(_read_day(self.values[SINCE]), _read_day(self.values[UNTIL]))
        found = queryset.filter(days.on("at", timezone.get_default_timezone()))
        if person := self.values[PERSON]:
            found = found.filter(actor_id__in=find_user_ids(person))
        return found


class TrailLookups(StrictLookups):
    """Accepts the parameters of PersonAndDays, and sorts by time where an index of times serves it."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup in PersonAndDays.fields or super().lookup_allowed(lookup, value, request)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        filtered = any(request.GET.get(name) for name in PersonAndDays.fields)
        return ("-at", "-pk") if filtered else ("-pk",)

    @admin.display(description=_("by"))
    def who(self, row: Any) -> str:
        return describe_actor(row)


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise IncorrectLookupParameters(error) from error


def find_user_ids(text: str) -> list[int]:
    """Return the id of the user with this user name, else the ids of those with `text` in their names."""
    users, text = get_user_model().objects.all(), normalise_line(text)
    named = Q(first_name__icontains=text) | Q(last_name__icontains=text)
    return get_ids(users.filter(username__iexact=text)) or get_ids(users.filter(named))


def with_actor_names(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Annotate the names of users: rows only store ids (R27)."""
    user = get_user_model().objects.filter(pk=OuterRef("actor_id"))
    full = Trim(Concat(F("first_name"), Value(" "), F("last_name")), output_field=CharField())
    return rows.annotate(
        actor_username=Subquery(user.values("username")),
        actor_name=Subquery(user.annotate(full_name=full).values("full_name")),
    )


def describe_actor(row: Any) -> str:
    """Return the person's name and user name; a dash for scheduler and commands."""
    if row.actor_id is None:
        return "—"
    if not row.actor_username:
        return gettext("user %(id)d") % {"id": row.actor_id}
    return f"{row.actor_name} ({row.actor_username})" if row.actor_name else row.actor_username
