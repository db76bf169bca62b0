"""Certification requests in the back office: review queue, licence scan and decisions (R11)."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import conflict_of_interest
from accounts.admin.base import find_account_ids, get_ids
from accounts.admin.day_range import day_range
from accounts.admin.decisions import Decision, NoteForm, RecordAdmin, RequiredNoteForm
from accounts.admin.scans import DECIDE_PERMISSION, ScanPages
from accounts.certification.requests import (
    approve_certification,
    describe_decision,
    is_credit_code,
    reject_certification,
)
from accounts.models import Account, CertificationRequest
from common.durations import format_duration
from common.normal_forms import normalise_identifier, normalise_line

MAX_SAME_CODE_ACCOUNTS = 10
MAX_EARLIER_REQUESTS = 20
WAITING = CertificationRequest.Status.PENDING


def is_waiting(request: Any) -> bool:
    return request.status == WAITING


APPROVE = Decision(
    name="approve",
    label=_("Approve and certify the account"),
    permission=DECIDE_PERMISSION,
    template="admin/accounts/certificationrequest/_approve.html",
    form=NoteForm,
    make=lambda row, by, given: approve_certification(request=row, by=by, **given),
    done=_("%(object)s was approved. The account is now certified."),
    open_to=is_waiting,
)
REJECT = Decision(
    name="reject",
    label=_("Reject and leave the account unchanged"),
    permission=DECIDE_PERMISSION,
    template="admin/accounts/certificationrequest/_reject.html",
    form=RequiredNoteForm,
    make=lambda row, by, given: reject_certification(request=row, by=by, **given),
    done=_("%(object)s was rejected. The account is unchanged, and the customer can read your note."),
    open_to=is_waiting,
    grave=True,
)


class RequestStatus(admin.SimpleListFilter):
    """Filter by status; shows pending requests by default."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[Any, Any]]:
        decided = [status for status in CertificationRequest.Status if status != WAITING]
        return [*((status.value, status.label) for status in decided), ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": WAITING.label}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        status = self.value() or WAITING
        return None if status == "all" else queryset.filter(status=status)


@admin.register(CertificationRequest)
class CertificationRequestAdmin(ScanPages, RecordAdmin):
    record_template = "admin/accounts/certificationrequest/record.html"
    decision_template = "admin/accounts/certificationrequest/decision.html"
    decisions = (APPROVE, REJECT)
    list_display = ["name", "account_number", "kind", "code", "status", "requested", "age"]
    list_filter = [RequestStatus, day_range("requested_at", _("request time"))]
    list_select_related = ["account"]
    sortable_by = ()
    search_fields = ["account__number"]
    search_help_text = _(
        "Complete account number or unified social credit code, or part of a name, requested or certified"
    )

    class Media:
        css = {"all": ["css/money.css"]}

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Show pending requests oldest first, decided ones newest first."""
        return ("pk",) if request.GET.get(RequestStatus.parameter_name, WAITING) == WAITING else ("-pk",)

    def search_for(self, term: str) -> Q:
        if is_credit_code(code := normalise_identifier(term)):
            return Q(credit_code=code)
        if accounts := get_ids(Account.objects.numbered(term)):
            return Q(account__in=accounts)
        return Q(account__in=find_account_ids(term)) | Q(name__icontains=normalise_line(term))

    def conflict_about(self, user_id: int, row: Any) -> str:
        return conflict_of_interest(user_id, account_id=row.account_id, asked_by=row.requested_by_id)

    def title_of(self, row: Any) -> str:
        return str(_("Certification request %(id)d") % {"id": row.pk})

    def state_of(self, row: Any) -> str:
        """Return the request's status, the account's certification and the other accounts with the same code."""
        account = row.account
        others = [other.pk for other in _find_same_code_accounts(row)]
        return f"{row.status} {account.certification} {account.certified_name} {account.credit_code} {others}"

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        waiting = CertificationRequest.objects.filter(status=WAITING).order_by("pk").exclude(pk=row.pk)
        earlier = row.account.certification_requests.exclude(pk=row.pk)
        return {
            **_get_context(row),
            **self.scan_context(request, row),
            "earlier": earlier[:MAX_EARLIER_REQUESTS],
            "next_waiting": waiting.first(),
        }

    def decision_context(self, request: HttpRequest, row: Any, decision: Decision) -> dict[str, Any]:
        return {**_get_context(row), **self.scan_context(request, row)}

    def closed_because(self, row: Any) -> str:
        return describe_decision(row)

    @admin.display(description=_("account"))
    def account_number(self, row: Any) -> str:
        return row.account.number

    @admin.display(description=_("requested at"))
    def requested(self, row: Any) -> str:
        return date_format(timezone.localtime(row.requested_at), "Y-m-d H:i")

    @admin.display(description=_("unified social credit code"))
    def code(self, row: Any) -> str:
        return row.credit_code or "—"

    @admin.display(description=_("age"))
    def age(self, row: Any) -> str:
        return format_duration(row.requested_at, row.decided_at or timezone.now())


def _get_context(row: CertificationRequest) -> dict[str, Any]:
    account = row.account
    current = (account.get_certification_display(), account.certified_name, account.credit_code)
    requested = (row.get_kind_display(), row.name, row.credit_code)
    labels = (_("Kind"), _("Name"), _("Unified social credit code"))
    return {
        "account": account,
        "comparison": list(zip(labels, requested, current, strict=True)),
        "code_is_valid": is_credit_code(row.credit_code),
        "same_code_accounts": _find_same_code_accounts(row),
    }


def _find_same_code_accounts(row: CertificationRequest) -> list[Account]:
    """Return other accounts certified under the same credit code, which may be intended or a mistake."""
    if not row.credit_code:
        return []
    same = Account.objects.filter(credit_code=row.credit_code).exclude(pk=row.account_id)
    return list(same.exclude(certification=Account.Certification.NONE).order_by("pk")[:MAX_SAME_CODE_ACCOUNTS])
