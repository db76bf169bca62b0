"""Decisions of staff: a button for those who may, a page that says what will happen, and a POST that does it once."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import Actor, staff_actor
from accounts.admin.base import ReadOnlyAdmin, change, changelist
from common.errors import Refused

Text = Promise | str


class DecisionForm(forms.Form):
    """`seen`: what the page showed when it was opened; a decision on anything else is refused."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class NoteForm(DecisionForm):
    """With a note that the customer reads."""

    note = forms.CharField(
        label=_("Note to the customer"), required=False, max_length=500, widget=forms.Textarea({"rows": 3})
    )


class NeededNoteForm(DecisionForm):
    """With a note that the customer reads and that must be given."""

    note = forms.CharField(
        label=_("Note to the customer"),
        max_length=500,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Say why, and what the customer can do instead."),
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that staff decide about one row."""

    name: str
    """In addresses: `…/<pk>/<name>/`."""
    label: Text
    """On the button, and as the title of the page."""
    permission: str
    """`app.codename`; without it there is no button, and 403."""
    template: str
    """Says what will happen. Gets `object`, `decision`, and what `decision_context` adds."""
    form: type[DecisionForm]
    make: Callable[[Any, Actor, dict[str, Any]], object]
    """Calls the one service: `make(row, by, what the form holds)`."""
    done: Text
    """What is said afterwards; may name `%(object)s`."""
    open_to: Callable[[Any], bool]
    """Whether the row as it stands can be decided so."""
    grave: bool = False
    """Ends something: the button says so."""


class DecisionsMixin(admin.ModelAdmin):
    """An admin whose rows have a page to read, and decisions that are open about them."""

    record_template = "admin/record.html"
    decision_template = "admin/decision.html"
    decisions: tuple[Decision, ...] = ()

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the row's page shows besides `object`."""
        return {}

    def decision_context(self, request: HttpRequest, row: Any, decision: Decision) -> dict[str, Any]:
        """What the decision's page shows besides `object` and `decision`."""
        return {}

    def state_of(self, row: Any) -> str:
        """All that a decision about the row rests on: when it differs from what was shown, the decision is refused."""
        raise NotImplementedError

    def conflict_about(self, user_id: int, row: Any) -> str:
        """Why this user may not decide about the row, or an empty text (R45); the service refuses it too."""
        return ""

    def title_of(self, row: Any) -> str:
        return str(row)

    def get_urls(self) -> list[URLPattern]:
        info = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(
                f"<path:object_id>/{decision.name}/",
                self.admin_site.admin_view(partial(self.decide, decision=decision)),
                name=f"{info}_{decision.name}",
            )
            for decision in self.decisions
        ]
        return [*own, *super().get_urls()]

    def record_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The row's page: it has no form, so there is nothing to post."""
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        row = self._found(request, object_id)
        conflict = self.conflict_about(_user(request).pk, row)
        context = {
            "object": row,
            "conflict": conflict,
            "decisions": [] if conflict else self.open_decisions(request, row),
            **self._page(request, row, self.title_of(row)),
            **self.record_context(request, row),
        }
        return render(request, self.record_template, context)

    def decide(self, request: HttpRequest, object_id: str, decision: Decision) -> HttpResponse:
        """Ask on a page that says what will happen; when posted, do it through the one service, and only once."""
        if not (request.user.has_perm(decision.permission) and self.has_view_permission(request)):
            raise PermissionDenied
        row = self._found(request, object_id)
        form = decision.form(request.POST if request.method == "POST" else None, initial={"seen": self.state_of(row)})
        refused = None
        if not decision.open_to(row):
            messages.error(request, self.closed_because(row))
            return redirect(change(self.model), row.pk)
        if form.is_valid():
            given = dict(form.cleaned_data)
            if given.pop("seen") != self.state_of(row):
                refused = Refused("transition_not_allowed", str(STALE))
            else:
                try:
                    decision.make(row, staff_actor(_user(request), decision.permission), given)
                except Refused as error:
                    refused = error
                else:
                    messages.success(request, decision.done % {"object": self.title_of(row)})
                    return redirect(self.url_after(row, decision))
            row = self._found(request, object_id)
            form.data = {**request.POST.dict(), "seen": self.state_of(row)}  # what was typed stays
        conflict = self.conflict_about(_user(request).pk, row)
        context = {
            "object": row,
            "decision": decision,
            "form": form,
            "refused": refused,
            "open": decision.open_to(row) and not conflict,
            "conflict": conflict,
            "back": reverse(change(self.model), args=[row.pk]),
            **self._page(request, row, str(decision.label)),
            **self.decision_context(request, row, decision),
        }
        status = refused.status if refused else 400 if form.errors else 200
        return render(request, self.decision_template, context, status=status)

    def closed_because(self, row: Any) -> str:
        """Why no decision is open about the row any more."""
        return str(_("This was decided already. Nothing was changed."))

    def decision_url(self, row: Model, decision: Decision) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{decision.name}", args=[row.pk])

    def open_decisions(self, request: HttpRequest, row: Any) -> list[tuple[Decision, str]]:
        """What this user may decide about the row as it stands, each with its address."""
        mine = [d for d in self.decisions if request.user.has_perm(d.permission) and d.open_to(row)]
        return [(decision, self.decision_url(row, decision)) for decision in mine]

    def url_after(self, row: Any, decision: Decision) -> str:
        """Where to go once it is decided."""
        return reverse(change(self.model), args=[row.pk])

    def _found(self, request: HttpRequest, object_id: str) -> Any:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        return row

    def _page(self, request: HttpRequest, row: Any, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "list_url": reverse(changelist(self.model)),
            "record_url": reverse(change(self.model), args=[row.pk]),
            "record_title": self.title_of(row),
        }


class RecordAdmin(DecisionsMixin, ReadOnlyAdmin):
    """Rows with a page of their own to read, and the decisions that are open about them."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self.record_page(request, object_id)


STALE = _("This has changed since you opened the page. Nothing was done: check how it stands now, then decide again.")


def _user(request: HttpRequest) -> AbstractUser:
    return cast("AbstractUser", request.user)  # admin_view lets nobody else through
