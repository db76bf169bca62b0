"""The history on a contract's page: audit trail, deliveries by email, and requests for approval."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from accounts.models import Membership
from contracts.models import Contract, Delivery

Names = dict[int, str]
"""User id → name."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An entry of the timeline."""

    what: str
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class ApprovalEntry:
    """A request for approval, with names."""

    status: str
    status_label: str
    requested_at: datetime
    requester: str
    message: str
    decided_at: datetime | None
    decider: str
    note: str
    may_withdraw: bool


def get_names(contract: Contract, membership: Membership) -> Names:
    """Return the names of those in the contract's trail who are still members of the account."""
    ids = contract.events.exclude(actor_id=None).order_by().values("actor_id")
    members = get_user_model().objects.filter(pk__in=ids, memberships__account=membership.account)
    return {user.pk: user.get_full_name() or user.get_username() for user in members}


def get_timeline(contract: Contract, names: Names) -> list[TimelineEntry]:
    """Return the entries, oldest first: members by name, our staff anonymously, the scheduler as "automatically"."""
    entries = [
        TimelineEntry(event.get_kind_display(), event.at, _who(event.actor_id, event.source, names))
        for event in contract.events.all()
    ]
    deliveries = contract.deliveries.select_related("notice")
    entries += [
        TimelineEntry(_describe(one), one.ended_at or one.requested_at, _who(None, "", {})) for one in deliveries
    ]
    return sorted(entries, key=lambda entry: entry.at)


def get_approvals(contract: Contract, membership: Membership, names: Names) -> list[ApprovalEntry]:
    """Return the requests for approval, newest first, as they are now (R21)."""
    is_owner = membership.role == Membership.Role.OWNER
    return [
        ApprovalEntry(
            approval.status,
            approval.get_status_display(),
            approval.requested_at,
            _who(approval.requested_by_id, "page", names),
            approval.message,
            approval.decided_at,
            _who(approval.decided_by_id, "page", names),
            approval.note,
            may_withdraw=approval.status == approval.Status.REQUESTED
            and membership.may_act
            and (is_owner or approval.requested_by_id == membership.user_id),
        )
        for approval in (each.as_of(contract) for each in contract.approvals.all())
    ]


def _who(actor_id: int | None, source: str, names: Names) -> str:
    if actor_id is None:
        return _("automatically")
    if source == "admin":
        return _("our contract staff")
    name = names.get(actor_id, _("a former member"))
    return _("%(name)s, by API") % {"name": name} if source == "api" else name


def _describe(delivery: Delivery) -> str:
    """Return who was sent the document, or why it could not be sent."""
    error = delivery.error or (delivery.notice.error if delivery.notice else "")
    facts = {"address": delivery.address or _("an erased address"), "error": _(error) if error else ""}
    if delivery.state == Delivery.State.SENT:
        return _("Official PDF sent to %(address)s") % facts
    if delivery.state == Delivery.State.FAILED:
        return _("Official PDF could not be sent to %(address)s: %(error)s") % facts
    if error:
        return _("Official PDF is being sent to %(address)s again; the last attempt failed: %(error)s") % facts
    return _("Official PDF is being sent to %(address)s") % facts
