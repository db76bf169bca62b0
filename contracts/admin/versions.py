"""Base of the clauses' and issuer's pages: versions are prepared, edited, previewed and published."""

import hashlib
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import Actor, staff_actor
from accounts.admin.base import MAX_COUNTED_ROWS, NoDeleteAdmin, Text, change_url_name, changelist_url_name
from accounts.admin.decisions import Decision, DecisionForm, DecisionsMixin
from common.errors import Refused
from common.versions import Version
from contracts.documents import page_images as page_pictures
from contracts.models import Contract
from contracts.services import publishing
from contracts.types import TYPES, ContractType

PREVIEW_WIDTH = 900
"""Width in pixels, for reading a page beside the changes. The PDF is one click away."""
STATES = {
    "preparation": (_("In preparation"), "draft"),
    "in_force": (_("In force"), "official"),
    "replaced": (_("Replaced"), "voided"),
}
"""State of a version → its label and badge."""

EDIT_CONFLICT = _(
    "Someone changed this version after you opened the page. Nothing was saved. Open the page again in a new tab and"
    " repeat your changes there."
)
UNCACHED = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


class VersionForm(forms.ModelForm):
    """Form of a version. `seen`: fingerprint of the version shown to the user, for optimistic locking."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current = self.initial["seen"] = publishing.fingerprint(self.instance)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("seen") != self.current:
            raise forms.ValidationError(EDIT_CONFLICT)
        return data


def discarding(permission: str) -> Decision:
    """Return the decision to discard a version in preparation."""
    return Decision(
        name="discard",
        label=_("Discard"),
        permission=permission,
        template="admin/contracts/version/_discard.html",
        form=DecisionForm,
        make=lambda version, by, given: publishing.discard(version=version, by=by),
        done=_("%(object)s was discarded."),
        open_to=is_in_preparation,
        grave=True,
    )


def is_in_preparation(version: Version) -> bool:
    return not version.published


class VersionAdmin(DecisionsMixin, NoDeleteAdmin):
    """Versions of which one may be in preparation. Published versions are read-only."""

    change_list_template = "admin/contracts/version/list.html"
    change_form_template = "admin/contracts/version/form.html"
    record_template = "admin/contracts/version/record.html"
    decision_template = "admin/contracts/version/decision.html"
    may_change: str
    """Permission (`app.codename`) to prepare, edit and discard."""
    prepared_types: list[tuple[str, Text]] = []
    """Contract types with versions of their own, as value and label."""
    used_as: str
    """Field of Contract that references the version used."""

    def begin(self, request: HttpRequest, by: Actor) -> Version:
        """Return the version in preparation; create it if there is none."""
        raise NotImplementedError

    def preview_of(self, version: Any, type_: str, language: str) -> bytes:
        """Return a sample contract as PDF."""
        raise NotImplementedError

    def types_of(self, version: Any) -> list[ContractType]:
        """Return the contract types that use the version."""
        raise NotImplementedError

    def differences(self, version: Any, before: Any) -> dict[str, Any]:
        """Return template context with the changes that publishing makes; `before` is the version in force or None."""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        later = self.model.objects.filter(published_at__isnull=False, version__gt=OuterRef("version"))
        if "type" in {field.name for field in self.opts.fields}:
            later = later.filter(type=OuterRef("type"))
        versions = super().get_queryset(request).select_related("created_by", "published_by")
        return versions.annotate(is_replaced=Exists(later))

    @admin.display(description=_("state"))
    def state(self, version: Any) -> str:
        return str(STATES[state_of(version)][0])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.published)

    def get_urls(self) -> list[URLPattern]:
        guarded, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        preview = "<int:pk>/preview/<str:type_>/<str:language>/"
        return [
            path("prepare/", guarded(self.prepare), name=f"{name}_prepare"),
            path(preview, guarded(self.preview), name=f"{name}_preview"),
            path(f"{preview}<int:page>.png", guarded(self.preview_page), name=f"{name}_preview_page"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = self.opts.verbose_name_plural
        context = {
            "title": capfirst(title),
            "may_prepare": request.user.has_perm(self.may_change),
            "types": self.prepared_types,
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the form if this user may edit the version, otherwise the read-only page."""
        with transaction.atomic():
            version = self._lock_version(request, object_id)
            if not self.has_change_permission(request, version):
                return self.record_page(request, object_id)
            context = {
                "decisions": self.open_decisions(request, version),
                "title": self.title_of(version),
                "subtitle": None,
                "show_save_and_continue": False,
                **self.record_context(request, version),
            }
            return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def decide(self, request: HttpRequest, object_id: str, decision: Decision) -> HttpResponse:
        """Lock the version, so that it cannot be edited between the check of its state and the decision."""
        with transaction.atomic():
            if request.method == "POST" and request.user.has_perm(decision.permission):
                self._lock_version(request, object_id)
            return super().decide(request, object_id, decision)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log only real changes: Publish saves the form even if it is unchanged."""
        return super().log_change(request, obj, message) if message else None

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        messages.success(request, _("%(object)s was saved.") % {"object": self.title_of(obj)})
        addresses = {decision.name: url for decision, url in self.open_decisions(request, obj)}
        return redirect(
            addresses.get(request.POST.get("_then", ""), reverse(change_url_name(self.model), args=[obj.pk]))
        )

    def prepare(self, request: HttpRequest) -> HttpResponse:
        """Open the next version for editing; create it if necessary."""
        if request.method != "POST" or not request.user.has_perm(self.may_change):
            raise PermissionDenied
        version = self.begin(request, staff_actor(cast("AbstractUser", request.user), self.may_change))
        return redirect(change_url_name(self.model), version.pk)

    def preview(self, request: HttpRequest, pk: int, type_: str, language: str) -> HttpResponse:
        """Answer with the sample contract as PDF."""
        content = self._previewed(request, pk, type_, language)
        headers = {**UNCACHED, "Content-Disposition": 'inline; filename="preview.pdf"'}
        return HttpResponse(content, content_type="application/pdf", headers=headers)

    def preview_page(self, request: HttpRequest, pk: int, type_: str, language: str, page: int) -> HttpResponse:
        """Answer with the image of one page of the sample contract."""
        content = self._previewed(request, pk, type_, language)
        sha256 = hashlib.sha256(content).hexdigest()
        try:
            picture = page_pictures.cached_picture(sha256, page, PREVIEW_WIDTH, lambda: content)
        except IndexError:
            raise Http404 from None
        return HttpResponse(picture, content_type="image/png", headers=UNCACHED)

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        label, badge = STATES[state_of(row)]
        previews = [(type_, self._preview_urls(row, type_)) for type_ in self.types_of(row)]
        return {
            "state": label,
            "badge": badge,
            "used": self._contracts_with(row),
            "previews": previews,
            "in_force": publishing.get_series(row).in_force(),  # type: ignore[attr-defined]
        }

    def decision_context(self, request: HttpRequest, row: Any, decision: Decision) -> dict[str, Any]:
        context = self.record_context(request, row)
        if decision.name != "publish":
            return context
        before = context["in_force"]
        return {
            **context,
            **self.differences(row, before),
            "replaced_used": self._contracts_with(before) if before else "",
            "pages": self._page_urls(row),
        }

    def state_of(self, row: Any) -> str:
        return publishing.fingerprint(row)

    def url_after(self, row: Any, decision: Decision) -> str:
        return (
            reverse(changelist_url_name(self.model)) if decision.name == "discard" else super().url_after(row, decision)
        )

    def closed_because(self, row: Any) -> str:
        return gettext("%(object)s has already been published. Nothing was changed.") % {"object": self.title_of(row)}

    def _lock_version(self, request: HttpRequest, object_id: str) -> Any:
        """Return the version. For a POST, lock all versions of its kind first."""
        version = self._found(request, object_id)
        if request.method == "POST":
            publishing.lock_versions(publishing.get_series(version))
            version = self._found(request, object_id)
        return version

    def _previewed(self, request: HttpRequest, pk: int, type_: str, language: str) -> bytes:
        if not self.has_view_permission(request):
            raise PermissionDenied
        version = self._found(request, str(pk))
        if TYPES.get(type_) not in self.types_of(version) or language not in Contract.Language.values:
            raise Http404
        return self.preview_of(version, type_, language)

    def _contracts_with(self, version: Any) -> str:
        """Return the number of contracts that use the version, counted up to MAX_COUNTED_ROWS."""
        count = Contract.objects.filter(**{self.used_as: version}).order_by()[:MAX_COUNTED_ROWS].count()
        return gettext("%(count)d or more") % {"count": count} if count == MAX_COUNTED_ROWS else str(count)

    def _page_urls(self, version: Any) -> list[str]:
        """Return image URLs of the bilingual sample, which has every text; none if clauses or issuer are missing."""
        type_ = self.types_of(version)[-1].value
        try:
            count = page_pictures.page_count(self.preview_of(version, type_, Contract.Language.BOTH))
        except Refused:
            return []
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_preview_page"
        return [reverse(name, args=[version.pk, type_, "both", page]) for page in range(1, count + 1)]

    def _preview_urls(self, version: Any, type_: ContractType) -> list[tuple[Text, str]]:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_preview"
        return [
            (language.label, reverse(name, args=[version.pk, type_.value, language])) for language in Contract.Language
        ]


def state_of(version: Any) -> str:
    """Return a key of STATES; the version has the annotation `is_replaced` of VersionAdmin."""
    if not version.published:
        return "preparation"
    return "replaced" if version.is_replaced else "in_force"
