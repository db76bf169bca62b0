"""The queue of requests for certification: who asks to be called what, the licence, and the decision (R11)."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import conflict_of_interest
from accounts.admin.base import change, ids_of
from accounts.admin.decisions import Decision, NeededNoteForm, NoteForm, RecordAdmin
from accounts.certification.licence_scans import kind_of, read_licence
from accounts.certification.requests import approve_certification, decided_already, is_credit_code, reject_certification
from accounts.models import Account, CertificationRequest, SecurityEvent
from accounts.sign_in.security_log import record_security_event
from common.durations import print_duration
from common.errors import Refused
from common.normal_forms import normalise_identifier, normalise_line

MAY_DECIDE = "accounts.decide_certificationrequest"
MOST_NAMESAKES = 10
MOST_EARLIER = 20
WAITING = CertificationRequest.Status.PENDING


def is_waiting(request: Any) -> bool:
    return request.status == WAITING


APPROVE = Decision(
    name="approve",
    label=_("Approve: certify the account"),
    permission=MAY_DECIDE,
    template="admin/accounts/certificationrequest/_approve.html",
    form=NoteForm,
    make=lambda row, by, given: approve_certification(request=row, by=by, **given),
    done=_("%(object)s is approved: the account is certified."),
    open_to=is_waiting,
)
REJECT = Decision(
    name="reject",
    label=_("Reject: leave the account as it is"),
    permission=MAY_DECIDE,
    template="admin/accounts/certificationrequest/_reject.html",
    form=NeededNoteForm,
    make=lambda row, by, given: reject_certification(request=row, by=by, **given),
    done=_("%(object)s is rejected. The account stays as it is, and the customer reads your note."),
    open_to=is_waiting,
    grave=True,
)


class RequestStatus(admin.SimpleListFilter):
    """Opens on what waits to be decided."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[Any, Any]]:
        decided = [status for status in CertificationRequest.Status if status != WAITING]
        return [*((status.value, status.label) for status in decided), ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": WAITING.label}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        asked = self.value() or WAITING
        return None if asked == "all" else queryset.filter(status=asked)


@admin.register(CertificationRequest)
class CertificationRequestAdmin(RecordAdmin):
    record_template = "admin/accounts/certificationrequest/record.html"
    decision_template = "admin/accounts/decision.html"
    decisions = (APPROVE, REJECT)
    list_display = ["name", "account_number", "kind", "code", "status", "requested", "age"]
    list_filter = [RequestStatus]
    list_select_related = ["account"]
    sortable_by = ()
    search_fields = ["account__number"]
    search_help_text = _("Account number or unified social credit code, whole; or a part of the name")

    class Media:
        css = {"all": ["css/money.css"]}

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """What waits is decided in the order in which it came."""
        return ("pk",) if request.GET.get(RequestStatus.parameter_name, WAITING) == WAITING else ("-pk",)

    def search_for(self, term: str) -> Q:
        if is_credit_code(code := normalise_identifier(term)):
            return Q(credit_code=code)
        accounts = ids_of(Account.objects.numbered(term))
        return Q(account__in=accounts) if accounts else Q(name__icontains=normalise_line(term))

    def conflict_about(self, user_id: int, row: Any) -> str:
        return conflict_of_interest(user_id, account_id=row.account_id, asked_by=row.requested_by_id)

    def title_of(self, row: Any) -> str:
        return str(_("Certification request %(id)d") % {"id": row.pk})

    def state_of(self, row: Any) -> str:
        """The request, the account as it is certified now, and who else is under the same code."""
        account = row.account
        namesakes = [other.pk for other in _namesakes(row)]
        return f"{row.status} {account.certification} {account.certified_name} {account.credit_code} {namesakes}"

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        waiting = CertificationRequest.objects.filter(status=WAITING).order_by("pk").exclude(pk=row.pk)
        earlier = row.account.certification_requests.exclude(pk=row.pk)
        return {
            **_facts(row),
            "may_read_scan": self.may_read_scan(request),
            "earlier": earlier[:MOST_EARLIER],
            "next_waiting": waiting.first(),
        }

    def decision_context(self, request: HttpRequest, row: Any, decision: Decision) -> dict[str, Any]:
        return _facts(row)

    def closed_because(self, row: Any) -> str:
        return decided_already(row)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.licence)
        return [path("<int:pk>/licence/", view, name="accounts_certificationrequest_licence"), *super().get_urls()]

    def may_read_scan(self, request: HttpRequest, row: Any = None) -> bool:
        """Identity scans are for those who decide certifications, and not about an account of their own (R45)."""
        decides = request.user.has_perm(MAY_DECIDE) and self.has_view_permission(request)
        return decides and not (row and self.conflict_about(request.user.pk or 0, row))

    def licence(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The file that the customer sent, to be saved and never shown: it comes from a stranger."""
        if not self.may_read_scan(request):
            raise PermissionDenied
        row = get_object_or_404(CertificationRequest.objects.select_related("account"), pk=pk)
        if not self.may_read_scan(request, row):
            raise PermissionDenied
        try:
            content = read_licence(row)
        except Refused as refused:
            messages.error(request, refused.detail)
            return redirect(change(CertificationRequest), row.pk)
        record_security_event(
            kind=SecurityEvent.Kind.SCAN_READ, user_id=request.user.pk, detail=f"certification request {row.pk}"
        )
        return HttpResponse(
            content,
            content_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="licence-{row.pk}.{kind_of(content) or "bin"}"',
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Cache-Control": "private, no-store",
            },
        )

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
        return print_duration(row.requested_at, row.decided_at or timezone.now())


def _facts(row: CertificationRequest) -> dict[str, Any]:
    account = row.account
    now = (account.get_certification_display(), account.certified_name, account.credit_code)
    asked = (row.get_kind_display(), row.name, row.credit_code)
    labels = (_("Kind"), _("Name"), _("Unified social credit code"))
    return {
        "account": account,
        "comparison": list(zip(labels, asked, now, strict=True)),
        "code_is_sound": is_credit_code(row.credit_code),
        "namesakes": _namesakes(row),
    }


def _namesakes(row: CertificationRequest) -> list[Account]:
    """Other accounts that are certified under the same credit code: a company may have several, a mistake too."""
    if not row.credit_code:
        return []
    same = Account.objects.filter(credit_code=row.credit_code).exclude(pk=row.account_id)
    return list(same.exclude(certification=Account.Certification.NONE).order_by("pk")[:MOST_NAMESAKES])
