"""Four eyes: grave acts of staff are proposed by one person and confirmed by another, if FOUR_EYES is on (R45)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.access.security_log import record_security_event
from accounts.models import Account, Proposal, SecurityEvent
from common.errors import Refused
from common.texts import validate_text
from common.transactions import in_transaction

Change = tuple[str, str, str]
"""Name (marked for translation), old value and new value; empty for none."""


@dataclass(frozen=True, slots=True)
class Act:
    """An act that needs a proposal and a confirmation."""

    name: str
    label: Promise
    """Shown to staff."""
    permission: str
    """Permission (`app.codename`) that both people need."""
    get_state: Callable[[str], object]
    """Returns the state of the subject, whose change lapses proposals about it."""
    perform: Callable[[Proposal, Actor], object]
    """Calls the service. Raises Refused as that does."""


ACTS: dict[str, Act] = {}


def register_act(act: Act) -> Act:
    """Add an act. Called from the owning app's `ready`."""
    ACTS[act.name] = act
    return act


@in_transaction
def propose(
    act: Act,
    *,
    subject: str,
    account: Account | None,
    values: Mapping[str, str | None],
    changes: Sequence[Change],
    by: Actor,
) -> Proposal:
    """Propose an act. An open proposal about an earlier state of the subject lapses.

    Raises Refused: `permission_denied`, also for a conflict of interest; `transition_not_allowed` if it is proposed.
    """
    _require_permission(act, by)
    if account:
        by.require_no_conflict(account_id=account.pk)
    now, state = timezone.now(), _get_state(act, subject)
    for earlier in Proposal.objects.select_for_update().filter(
        act=act.name, subject=subject, status=Proposal.Status.OPEN
    ):
        if earlier.state_sha256 == state:
            raise _already_proposed()
        earlier.lapse(at=now)
        earlier.save(update_fields=["status", "decided_at"])
    proposal = Proposal(
        act=act.name, subject=subject, account=account, values=dict(values), changes=[*changes], state_sha256=state
    )
    proposal.proposed_by_id, proposal.proposed_at = by.person, now
    try:
        with transaction.atomic():
            proposal.save()
    except IntegrityError:  # proposed by somebody else at the same time
        raise _already_proposed() from None
    _record(proposal, "proposed", by)
    return proposal


def confirm(*, proposal: Proposal, by: Actor) -> Proposal:
    """Confirm a proposal of somebody else and perform its act. Return it fresh.

    The proposal is claimed first, because an act may seal, which takes place outside transactions; it is open again
    if the act fails. Raises Refused: `permission_denied` for the proposer, without the act's permission and for a
    conflict of interest; `transition_not_allowed` if it is decided or its subject has changed; and as the act does.
    """
    act = ACTS[proposal.act]
    proposal = _claim(proposal, act, by)
    try:
        act.perform(proposal, replace(by, proposed_by=proposal.proposed_by_id))
    except BaseException:
        _reopen(proposal)
        raise
    _record(proposal, "confirmed", by)
    return proposal


@in_transaction
def reject(*, proposal: Proposal, note: str, by: Actor) -> Proposal:
    """Reject a proposal, or take back one's own. Nothing else changes. Raises Refused like `confirm`."""
    note = validate_text(Proposal, "note", note, pointer="/note", missing=_("Enter the reason for the rejection."))
    proposal = _lock_open(proposal, ACTS[proposal.act], by)
    proposal.reject(by_id=by.person, at=timezone.now(), note=note)
    proposal.save(update_fields=["status", "note", "decided_by", "decided_at"])
    _record(proposal, "rejected", by)
    return proposal


def is_permitted(proposal: Proposal, user: User) -> bool:
    """Return True if the user may decide about such acts."""
    return user.has_perm(ACTS[proposal.act].permission)


@in_transaction
def _claim(proposal: Proposal, act: Act, by: Actor) -> Proposal:
    proposal = _lock_open(proposal, act, by)
    if proposal.proposed_by_id == by.person:
        raise Refused("permission_denied", _("You proposed this yourself. Someone else must confirm it."))
    if proposal.state_sha256 != _get_state(act, proposal.subject):
        raise Refused("transition_not_allowed", _("What was proposed has changed since. Reject the proposal."))
    proposal.confirm(by_id=by.person, at=timezone.now())
    proposal.save(update_fields=["status", "decided_by", "decided_at"])
    return proposal


@in_transaction
def _reopen(proposal: Proposal) -> None:
    proposal.reopen()
    proposal.save(update_fields=["status", "decided_by", "decided_at"])


def _lock_open(proposal: Proposal, act: Act, by: Actor) -> Proposal:
    _require_permission(act, by)
    proposal = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if proposal.account_id:
        by.require_no_conflict(account_id=proposal.account_id)
    if proposal.status != Proposal.Status.OPEN:
        raise Refused("transition_not_allowed", _("This has already been decided. Nothing was changed."))
    return proposal


def _require_permission(act: Act, by: Actor) -> None:
    by.require_to_act()
    if not User.objects.get(pk=by.person).has_perm(act.permission):
        raise Refused("permission_denied", _("Your role does not allow this."))


def _get_state(act: Act, subject: str) -> str:
    return sha256(repr(act.get_state(subject)).encode()).hexdigest()


def _already_proposed() -> Refused:
    return Refused("transition_not_allowed", _("This is already proposed and waits for a confirmation."))


def _record(proposal: Proposal, what: str, by: Actor) -> None:
    detail = f"proposal {proposal.pk}, {proposal.act} {proposal.subject}: {what}"
    record_security_event(kind=SecurityEvent.Kind.FOUR_EYES, user_id=by.person, detail=detail)


def is_on() -> bool:
    return bool(settings.FOUR_EYES)
