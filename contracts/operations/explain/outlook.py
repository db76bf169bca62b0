"""What a contract is now, what would be needed to convert it, and when it will lapse, in English sentences."""

from collections.abc import Iterator
from datetime import datetime

from common.errors import Refused
from contracts.health.clock_health import clock_health
from contracts.health.sealing_time import require_time_to_seal
from contracts.models import Approval, Contract, SealCheck
from contracts.sealing.of_test_accounts import usable_seal_of_test_accounts
from contracts.services.convert import find_conversion_faults
from jobs.clock_jobs import describe_job_problems

Status = Contract.Status


def get_status_at(contract: Contract, at: datetime) -> str:
    """Return the status at the time `at` (aware): empty before the draft was created.

    `contract` has the annotations of `with_status_at` for now.
    """
    if at < contract.applied_at:
        return ""
    if contract.voided_at and at >= contract.voided_at:
        return Status.VOIDED
    if contract.invalid_since and at >= contract.invalid_since:
        return Status.INVALID
    return Status.OFFICIAL if contract.official_at and at >= contract.official_at else Status.DRAFT


def describe_outlook(contract: Contract, *, now: datetime) -> Iterator[str]:
    """Yield sentences about the contract at `now`. It has the annotations of `with_status_at` for `now`."""
    yield from _describe_status(contract)
    if contract.status_at == Status.DRAFT:
        obstacles = list(_find_obstacles(contract, now=now))
        yield "It cannot be converted:" if obstacles else "It can be converted: nothing is missing."
        yield from (f"  - {obstacle}" for obstacle in obstacles)
    if contract.status_at in Contract.LIVE:
        yield _describe_lapse(contract, now=now)
    yield from _describe_system(now)


def _describe_status(contract: Contract) -> Iterator[str]:
    yield f"It is shown as {Status(contract.status_at).label.lower()}."
    if contract.status_at != contract.status:
        since = contract.invalid_since
        yield f"It lapsed at {since:%Y-%m-%d %H:%M:%S} UTC; the clock has yet to record that." if since else ""


def _find_obstacles(contract: Contract, *, now: datetime) -> Iterator[str]:
    """Yield why a conversion would be refused: by its facts (R22), the approval (R44), or the seal."""
    for fault in find_conversion_faults(contract, now=now):
        yield f"{fault.code}: {fault.detail}"
    if contract.account.requires_approval(contract.total_amount, contract.currency):
        requested = contract.approvals.filter(status=Approval.Status.REQUESTED).first()
        if requested:
            yield f"approval_required: requested by user {requested.requested_by_id}; another approver decides"
        else:
            yield "approval_required: a member requests it, and another approver decides"
    check = None if contract.is_test else SealCheck.objects.first()
    yield from (f"seal_unavailable: {broken}" for broken in (check.broken if check else []))
    try:
        if contract.is_test:
            usable_seal_of_test_accounts()
        require_time_to_seal()
    except Refused as refused:
        yield f"{refused.code}: {refused.detail}"


def _describe_lapse(contract: Contract, *, now: datetime) -> str:
    if contract.expires_at is None:
        return "It does not lapse by time."
    left = str(contract.expires_at - now).split(".")[0]
    return (
        f"It lapses at {contract.expires_at:%Y-%m-%d %H:%M:%S} UTC, in {left}, or earlier if one of its orders is"
        " cancelled, or paid and refunded."
    )


def _describe_system(now: datetime) -> Iterator[str]:
    """Yield what delays contracts in general."""
    health = clock_health(now=now)
    if health.wrong:
        yield f"The time may be wrong, so nothing is sealed or ended: {health.wrong}"
    if health.late:
        yield f"The clock is late: it last ran at {health.last_run} and something is due since {health.oldest_due}."
    yield from (f"Job {problem}" for problem in describe_job_problems(now=now))
