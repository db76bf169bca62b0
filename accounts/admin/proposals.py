"""Proposals in the back office: what others have proposed, to confirm or reject (R45)."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import conflict_of_interest
from accounts.admin.base import badge
from accounts.admin.decisions import Decision, DecisionForm, RecordAdmin
from accounts.admin.decisions import RequiredNoteForm as CustomerNoteForm
from accounts.four_eyes import ACTS, confirm, is_permitted, reject
from accounts.models import Proposal

DECIDE_PERMISSION = "accounts.decide_proposal"


def is_open(proposal: Any) -> bool:
    return proposal.status == Proposal.Status.OPEN


class NoteForm(CustomerNoteForm):
    """A rejection with a note to colleagues."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = _("Reason for the rejection")
        self.fields["note"].help_text = ""


CONFIRM = Decision(
    name="confirm",
    label=_("Confirm and carry out"),
    permission=DECIDE_PERMISSION,
    template="admin/accounts/proposal/_changes.html",
    form=DecisionForm,
    make=lambda row, by, given: confirm(proposal=row, by=by),
    done=_("%(object)s was confirmed and carried out."),
    open_to=is_open,
)
REJECT = Decision(
    name="reject",
    label=_("Reject the proposal"),
    permission=DECIDE_PERMISSION,
    template="admin/accounts/proposal/_changes.html",
    form=NoteForm,
    make=lambda row, by, given: reject(proposal=row, by=by, **given),
    done=_("%(object)s was rejected. Nothing else was changed."),
    open_to=is_open,
    grave=True,
)


@admin.register(Proposal)
class ProposalAdmin(RecordAdmin):
    record_template = "admin/accounts/proposal/record.html"
    decision_template = "admin/accounts/decision.html"
    decisions = (CONFIRM, REJECT)
    list_display = ["what", "subject", "account", "proposed", "proposed_by", "status_now"]
    list_filter = ["status"]
    list_select_related = ["account", "proposed_by"]
    sortable_by = ()
    search_fields = ["subject"]

    class Media:
        css = {"all": ["css/money.css"]}

    def decide(self, request: HttpRequest, object_id: str, decision: Decision) -> HttpResponse:
        """Show the page only to those whose role allows the act."""
        if request.user.has_perm(DECIDE_PERMISSION) and not is_permitted(self._found(request, object_id), request.user):  # type: ignore[arg-type]  # only staff get here
            raise PermissionDenied
        return super().decide(request, object_id, decision)

    def open_decisions(self, request: HttpRequest, row: Any) -> list[tuple[Decision, str]]:
        """Nobody confirms their own proposals, nor acts that their role does not allow."""
        if not is_permitted(row, request.user):  # type: ignore[arg-type]  # only staff get here
            return []
        own = row.proposed_by_id == request.user.pk
        return [(one, url) for one, url in super().open_decisions(request, row) if not (own and one is CONFIRM)]

    def conflict_about(self, user_id: int, row: Any) -> str:
        return conflict_of_interest(user_id, account_id=row.account_id) if row.account_id else ""

    def title_of(self, row: Any) -> str:
        return gettext("Proposal %(id)d: %(act)s") % {"id": row.pk, "act": self.what(row)}

    def state_of(self, row: Any) -> str:
        return str(row.status)

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"changes": _translate(row), "own": row.proposed_by_id == request.user.pk}

    def decision_context(self, request: HttpRequest, row: Any, decision: Decision) -> dict[str, Any]:
        return {"changes": _translate(row)}

    @admin.display(description=_("act"))
    def what(self, row: Any) -> str:
        return str(ACTS[row.act].label) if row.act in ACTS else row.act

    @admin.display(description=_("proposed at"))
    def proposed(self, row: Any) -> str:
        return date_format(timezone.localtime(row.proposed_at), "Y-m-d H:i")

    @admin.display(description=_("status"))
    def status_now(self, row: Any) -> str:
        return badge(f"proposal-{row.status}", row.get_status_display())


def _translate(proposal: Proposal) -> list[tuple[str, str, str]]:
    return [(gettext(name), before or "—", after or "—") for name, before, after in proposal.changes]
