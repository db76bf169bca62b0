"""Staff decisions: a button for permitted users, a confirmation page with the effects, and a POST that runs it once."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import Actor, staff_actor
from accounts.admin.base import ReadOnlyAdmin, Text, change_url_name, changelist_url_name
from accounts.models import Proposal
from common.errors import Refused


class DecisionForm(forms.Form):
    """`seen`: the state shown on the page. The decision is refused if it has changed (optimistic locking)."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class NoteForm(DecisionForm):
    """A decision with an optional note to the customer."""

    note = forms.CharField(
        label=_("Note to the customer"), required=False, max_length=500, widget=forms.Textarea({"rows": 3})
    )


class RequiredNoteForm(DecisionForm):
    """A decision with a required note to the customer."""

    note = forms.CharField(
        label=_("Note to the customer"),
        max_length=500,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Explain the reason and what the customer can do instead."),
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that staff can make about a row."""

    name: str
    """Last part of the URL: `…/<pk>/<name>/`."""
    label: Text
    """Text of the button and title of the page."""
    permission: str
    """`app.codename`. Users without it see no button and get 403."""
    template: str
    """Describes the effects. Its context has `object`, `decision` and the values of `decision_context`."""
    form: type[DecisionForm]
    make: Callable[[Any, Actor, dict[str, Any]], object]
    """Calls the service: `make(row, by, cleaned_data)`."""
    done: Text
    """Success message; may contain `%(object)s`."""
    open_to: Callable[[Any], bool]
    """Returns True if the row's current state allows the decision."""
    grave: bool = False
    """True for a destructive decision, which gets a red button."""
    propose: Callable[[Any, Actor, dict[str, Any]], Proposal | None] | None = None
    """Proposes the decision instead: `propose(row, by, cleaned_data)`; returns None if one person may make it (R45)."""


class DecisionsMixin(admin.ModelAdmin):
    """An admin whose rows have a read-only page and decisions."""

    record_template = "admin/record.html"
    decision_template = "admin/decision.html"
    decisions: tuple[Decision, ...] = ()

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return additional context for the row's page."""
        return {}

    def decision_context(self, request: HttpRequest, row: Any, decision: Decision) -> dict[str, Any]:
        """Return additional context for the decision's page."""
        return {}

    def state_of(self, row: Any) -> str:
        """Return the state that decisions depend on. A decision is refused if it differs from the state shown."""
        raise NotImplementedError

    def conflict_about(self, user_id: int, row: Any) -> str:
        """Return why this user may not decide about the row, or an empty string (R45). The service checks it too."""
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
        """Show the row's read-only page."""
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        row = self._found(request, object_id)
        conflict = self.conflict_about(_get_user(request).pk, row)
        context = {
            "object": row,
            "conflict": conflict,
            "decisions": [] if conflict else self.open_decisions(request, row),
            **self._page(request, row, self.title_of(row)),
            **self.record_context(request, row),
        }
        return render(request, self.record_template, context)

    def decide(self, request: HttpRequest, object_id: str, decision: Decision) -> HttpResponse:
        """Show the confirmation page; when posted, call the decision's service."""
        if not (request.user.has_perm(decision.permission) and self.has_view_permission(request)):
            raise PermissionDenied
        row = self._found(request, object_id)
        form = decision.form(request.POST if request.method == "POST" else None, initial={"seen": self.state_of(row)})
        refused = None
        if not decision.open_to(row):
            messages.error(request, self.closed_because(row))
            return redirect(change_url_name(self.model), row.pk)
        if form.is_valid():
            values = dict(form.cleaned_data)
            if values.pop("seen") != self.state_of(row):
                refused = Refused("transition_not_allowed", str(STALE))
            else:
                try:
                    proposal = _make_or_propose(row, decision, values, _get_user(request))
                except Refused as error:
                    refused = error
                else:
                    if proposal:
                        return redirect_to_proposal(request, proposal)
                    messages.success(request, decision.done % {"object": self.title_of(row)})
                    return redirect(self.url_after(row, decision))
            row = self._found(request, object_id)
            form.data = {**request.POST.dict(), "seen": self.state_of(row)}  # keep what was typed
        conflict = self.conflict_about(_get_user(request).pk, row)
        context = {
            "object": row,
            "decision": decision,
            "form": form,
            "refused": refused,
            "open": decision.open_to(row) and not conflict,
            "conflict": conflict,
            "takes_two": settings.FOUR_EYES and decision.propose is not None,
            "back": reverse(change_url_name(self.model), args=[row.pk]),
            **self._page(request, row, str(decision.label)),
            **self.decision_context(request, row, decision),
        }
        status = refused.status if refused else 400 if form.errors else 200
        return render(request, self.decision_template, context, status=status)

    def closed_because(self, row: Any) -> str:
        """Return why the row is no longer open to a decision."""
        return str(_("This has already been decided. Nothing was changed."))

    def decision_url(self, row: Model, decision: Decision) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{decision.name}", args=[row.pk])

    def open_decisions(self, request: HttpRequest, row: Any) -> list[tuple[Decision, str]]:
        """Return the decisions that this user can make about the row now, each with its URL."""
        permitted = [d for d in self.decisions if request.user.has_perm(d.permission) and d.open_to(row)]
        return [(decision, self.decision_url(row, decision)) for decision in permitted]

    def url_after(self, row: Any, decision: Decision) -> str:
        """Return the URL to redirect to after the decision."""
        return reverse(change_url_name(self.model), args=[row.pk])

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
            "list_url": reverse(changelist_url_name(self.model)),
            "record_url": reverse(change_url_name(self.model), args=[row.pk]),
            "record_title": self.title_of(row),
        }


class RecordAdmin(DecisionsMixin, ReadOnlyAdmin):
    """A read-only admin whose rows have their own page with decisions."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self.record_page(request, object_id)


STALE = _("This has changed since you opened the page. Nothing was done. Check the current state, then decide again.")


def redirect_to_proposal(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    messages.success(request, _("This is proposed. It takes effect when someone else confirms it."))
    return redirect(change_url_name(Proposal), proposal.pk)


def _make_or_propose(row: Any, decision: Decision, values: dict[str, Any], user: AbstractUser) -> Proposal | None:
    """Make the decision, or propose it where it takes two people; return the proposal. Raises Refused."""
    by = staff_actor(user, decision.permission)
    proposal = decision.propose(row, by, values) if decision.propose else None
    if proposal is None:
        decision.make(row, by, values)
    return proposal


def _get_user(request: HttpRequest) -> AbstractUser:
    return cast("AbstractUser", request.user)  # admin_view admits only signed-in staff
