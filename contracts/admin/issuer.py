"""Back office pages of the issuer (Party B). Legal prepares and publishes its versions."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import Actor
from accounts.admin.decisions import Decision, DecisionForm
from accounts.admin.logged_values import LoggedValues
from accounts.models import Issuer
from common.normal_forms import normalise_line
from common.versions import Version
from contracts.admin import previews
from contracts.admin.text_diff import compare_texts
from contracts.admin.versions import VersionAdmin, VersionForm, discarding, is_in_preparation
from contracts.services import publishing
from contracts.services.proposals import propose_issuer
from contracts.types import TYPES, ContractType

MAY_CHANGE = "accounts.change_issuer"


class IssuerForm(VersionForm):
    """Texts of the issuer as printed in contracts, each on one line."""

    class Meta:
        model = Issuer
        fields = publishing.ISSUER_TEXTS

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for field in publishing.ISSUER_TEXTS:
            if field in data:
                data[field] = normalise_line(data[field])
                for fault in publishing.find_issuer_field_faults(Issuer(**{field: data[field]}), field):
                    self.add_error(field, fault.detail)
        return data


PUBLISH = Decision(
    name="publish",
    label=_("Publish"),
    permission="accounts.publish_issuer",
    template="admin/contracts/version/_publish_issuer.html",
    form=DecisionForm,
    make=lambda version, by, given: publishing.publish_issuer(version=version, by=by),
    done=_("%(object)s is in force. New drafts name it as Party B."),
    open_to=is_in_preparation,
    propose=propose_issuer,
)


@admin.register(Issuer)
class IssuerAdmin(LoggedValues, VersionAdmin):
    logged_fields = ("bank", "bank_account", "payee", "payee_bank", "payee_account")
    decisions = (PUBLISH, discarding(MAY_CHANGE))
    may_change = MAY_CHANGE
    used_as = "issuer_version"
    form = IssuerForm
    fieldsets = [
        (None, {"fields": ["seen", "name", "address", "contact", "phone", "email"]}),
        (_("Signing"), {"fields": ["legal_representative", "signing_place"]}),
        (_("Party B's bank and tax details"), {"fields": ["bank", "bank_account", "tax_number"]}),
        (
            _("General bank account"),
            {
                "fields": ["payee", "payee_bank", "payee_account"],
                "description": _(
                    "Used in payment request contracts of accounts without an exclusive remittance account."
                ),
            },
        ),
    ]
    list_display = ["version", "name", "state", "published_at", "published_by"]

    def title_of(self, row: Any) -> str:
        return gettext("Issuer, version %(version)d") % {"version": row.version}

    def begin(self, request: HttpRequest, by: Actor) -> Version:
        return publishing.prepare_issuer(by=by)

    def preview_of(self, version: Any, type_: str, language: str) -> bytes:
        return previews.preview_issuer(version, type_, language)

    def types_of(self, version: Any) -> list[ContractType]:
        return list(TYPES.values())

    def differences(self, version: Any, before: Any) -> dict[str, Any]:
        parts = {
            name: compare_texts(getattr(before, name) if before else "", getattr(version, name))
            for name in publishing.ISSUER_TEXTS
        }
        changed = [name for name in parts if not before or getattr(before, name) != getattr(version, name)]
        return {
            "changes": [(publishing.get_label(Issuer, name), parts[name]) for name in changed if parts[name]],
            "faults": publishing.find_issuer_faults(version),
        }

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        texts = [(publishing.get_label(Issuer, name), getattr(row, name)) for name in publishing.ISSUER_TEXTS]
        return {**super().record_context(request, row), "texts": texts}
