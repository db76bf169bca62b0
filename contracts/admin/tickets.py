"""Back office pages of void tickets: queue, consequences and decision (R5)."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import conflict_of_interest
from accounts.admin.base import badge, find_account_ids, get_ids
from accounts.admin.day_range import day_range
from accounts.admin.decisions import Decision, NoteForm, RecordAdmin, RequiredNoteForm
from common.durations import format_duration
from contracts import services
from contracts.admin.dossier import dossier
from contracts.admin.filters import TicketStatus
from contracts.admin.marks import MarkedContract
from contracts.models import Contract, VoidTicket
from contracts.models.querysets import po_number_is
from contracts.services.proposals import propose_void_approval

MAY_DECIDE = "contracts.decide_voidticket"


def is_open(ticket: Any) -> bool:
    return ticket.status_at == VoidTicket.Status.OPEN


APPROVE = Decision(
    name="approve",
    label=_("Approve: void the contract"),
    permission=MAY_DECIDE,
    template="admin/contracts/voidticket/_approve.html",
    form=NoteForm,
    make=lambda ticket, by, given: services.approve_void(ticket=ticket, by=by, **given),
    done=_("%(object)s was approved. The contract is voided and its orders are released."),
    open_to=is_open,
    grave=True,
    propose=propose_void_approval,
)
REJECT = Decision(
    name="reject",
    label=_("Reject: leave the contract in force"),
    permission=MAY_DECIDE,
    template="admin/contracts/voidticket/_reject.html",
    form=RequiredNoteForm,
    make=lambda ticket, by, given: services.reject_void(ticket=ticket, by=by, **given),
    done=_("%(object)s was rejected. The contract stays in force, and the customer can read your note."),
    open_to=is_open,
)


@admin.register(VoidTicket)
class VoidTicketAdmin(MarkedContract, RecordAdmin):
    record_template = "admin/contracts/voidticket/record.html"
    decisions = (APPROVE, REJECT)
    list_display = ["ticket", "contract_marked", "account", "shortened_reason", "opened_at", "age", "status_now"]
    list_filter = [TicketStatus, day_range("opened_at", _("request time"))]
    list_select_related = ["contract__account"]
    sortable_by = ["opened_at"]
    search_fields = ["contract__number"]
    search_help_text = _(
        "Complete contract No., PO number or account number, or part of a current or former name of the account"
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        tickets: Any = super().get_queryset(request)
        return tickets.with_status_at(timezone.now())

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Show open tickets oldest first, since they are decided in that order; others newest first."""
        open_only = TicketStatus.parameter_name not in request.GET
        return ("opened_at", "pk") if open_only else ("-opened_at", "-pk")

    def search_for(self, term: str) -> Q:
        if contracts := get_ids(Contract.objects.filter(Q(number=term) | po_number_is(term))):
            return Q(contract__in=contracts)
        return Q(contract__account__in=find_account_ids(term))

    def conflict_about(self, user_id: int, row: Any) -> str:
        return conflict_of_interest(user_id, account_id=row.contract.account_id, asked_by=row.opened_by_id)

    def title_of(self, row: Any) -> str:
        return str(_("Void ticket %(id)d") % {"id": row.pk})

    def state_of(self, row: Any) -> str:
        """Return the state a decision depends on: ticket, contract, and each order's status and release."""
        contract = self._contract(row)
        lines = contract.lines.values_list("order__number", "order__status", "released_at")
        return f"{row.status_at} {contract.status_at} {list(lines)}"

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        waiting = VoidTicket.objects.waiting(timezone.now()).exclude(pk=row.pk)
        return {
            **dossier(self._contract(row), now=timezone.now()),
            "ticket": row,
            "next_waiting": waiting.first(),
        }

    def decision_context(self, request: HttpRequest, row: Any, decision: Decision) -> dict[str, Any]:
        return {**dossier(self._contract(row), now=timezone.now()), "ticket": row}

    def closed_because(self, row: Any) -> str:
        status = VoidTicket.Status(row.status_at).label.lower()
        return str(_("This ticket has already been %(status)s. Nothing was changed.") % {"status": status})

    def _contract(self, row: Any) -> Contract:
        return Contract.objects.with_facts_at(timezone.now()).select_related("account").get(pk=row.contract_id)

    @admin.display(description=_("ticket"))
    def ticket(self, row: Any) -> str:
        return self.title_of(row)

    @admin.display(description=_("account"))
    def account(self, row: Any) -> str:
        return str(row.contract.account)

    @admin.display(description=_("reason"))
    def shortened_reason(self, row: Any) -> str:
        return Truncator(row.reason).chars(80)

    @admin.display(description=_("age"))
    def age(self, row: Any) -> str:
        return format_duration(row.opened_at, row.decided_at or timezone.now())

    @admin.display(description=_("status"))
    def status_now(self, row: Any) -> str:
        return badge(f"ticket-{row.status_at}", VoidTicket.Status(row.status_at).label)
