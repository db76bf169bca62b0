"""Back office pages of clauses. Legal prepares and publishes their versions."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import Actor
from accounts.admin.decisions import Decision, DecisionForm
from common.normal_forms import normalise_line, normalise_text
from common.versions import Version
from contracts.admin import previews
from contracts.admin.text_diff import compare_clauses
from contracts.admin.versions import VersionAdmin, VersionForm, discarding, is_in_preparation
from contracts.models import Clause, ClauseVersion
from contracts.pdf.snapshot import CLAUSE_TEXTS
from contracts.services import publishing
from contracts.services.proposals import propose_clauses
from contracts.types import CHOICES, TYPES, ContractType

MAY_CHANGE = "contracts.change_clauseversion"
MAX_CLAUSES = 100
LAST_POSITION = 32_767
"""Position after all others: the maximum of the column."""


class ClauseForm(forms.ModelForm):
    """A clause. Its texts are normalised as they are printed."""

    position = forms.IntegerField(
        label=_("Position"),
        required=False,
        min_value=1,
        max_value=LAST_POSITION,
        help_text=_("Enter the position of another clause to insert this one there. Leave empty to put it last."),
    )

    class Meta:
        model = Clause
        fields = ["position", "heading_en", "heading_zh", "text_en", "text_zh", "set_apart"]

    @property
    def label(self) -> str:
        """Label of the clause in the list of errors."""
        number, heading = self["position"].value(), self["heading_en"].value() or self["heading_zh"].value()
        return gettext("Clause %(number)s (%(heading)s)") % {"number": number or "–", "heading": heading or "–"}

    def clean_position(self) -> int:
        return self.cleaned_data["position"] or LAST_POSITION

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for field in CLAUSE_TEXTS:
            if field in data:
                data[field] = (normalise_line if field.startswith("heading") else normalise_text)(data[field])
                for fault in publishing.find_text_faults(field, data[field]):
                    self.add_error(field, fault.detail)
        return data


class ClauseInline(admin.StackedInline):
    """Clauses of a version in preparation. Users who may change the version may change them."""

    model = Clause
    form = ClauseForm
    extra = 0
    max_num = MAX_CLAUSES
    fieldsets = [(None, {"fields": ["position", ("heading_en", "heading_zh"), ("text_en", "text_zh"), "set_apart"]})]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, validate_max=True, **kwargs)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(MAY_CHANGE) and not (obj and obj.published)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


PUBLISH = Decision(
    name="publish",
    label=_("Publish"),
    permission="contracts.publish_clauseversion",
    template="admin/contracts/version/_publish_clauses.html",
    form=DecisionForm,
    make=lambda version, by, given: publishing.publish_clauses(version=version, by=by),
    done=_("%(object)s is in force. New drafts use it."),
    open_to=is_in_preparation,
    propose=propose_clauses,
)


@admin.register(ClauseVersion)
class ClauseVersionAdmin(VersionAdmin):
    decisions = (PUBLISH, discarding(MAY_CHANGE))
    may_change = MAY_CHANGE
    prepared_types = [*CHOICES]
    used_as = "clause_version"
    form = VersionForm
    fields = ["seen"]
    inlines = [ClauseInline]
    list_display = ["version", "type", "state", "published_at", "published_by"]

    def title_of(self, row: Any) -> str:
        return gettext("Clauses of the %(type)s, version %(version)d") % {
            "type": row.get_type_display().lower(),
            "version": row.version,
        }

    def begin(self, request: HttpRequest, by: Actor) -> Version:
        return publishing.prepare_clauses(type=request.POST.get("type", ""), by=by)

    def preview_of(self, version: Any, type_: str, language: str) -> bytes:
        return previews.preview_clauses(version, language)

    def types_of(self, version: Any) -> list[ContractType]:
        return [TYPES[version.type]]

    def differences(self, version: Any, before: Any) -> dict[str, Any]:
        texts = version.texts()
        return {
            "changes": compare_clauses(before.texts() if before else (), texts),
            "faults": publishing.find_clause_faults(texts),
        }

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {
            **super().record_context(request, row),
            "clauses": row.texts(),
            "variables": publishing.get_variable_meanings(),
        }

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            remaining = [f for f in formset.forms if f.instance.pk and f not in formset.deleted_forms]
            number_clauses(remaining)


def number_clauses(clause_forms: Iterable[Any]) -> None:
    """Number the clauses from 1. A clause moved to another's position comes before it."""

    def place(form: Any) -> tuple[int, int]:
        position, before = form.cleaned_data["position"], form.initial.get("position")
        if position == before:
            return position, 0
        return position, 1 if before and position > before else -1  # moved down: after that clause; moved up: before it

    for number, form in enumerate(sorted(clause_forms, key=place), start=1):
        if form.instance.position != number:
            form.instance.position = number
            form.instance.save(update_fields=["position"])
