"""Create and update accounts in batches, with a fixed number of statements per batch (R49)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.access.security_log import record_security_events
from accounts.member_emails import MEMBER_ADDED
from accounts.models import Account, CertificationRequest, Membership, PartyProfile, SecurityEvent
from accounts.notices import notify_memberships
from accounts.party_details import complete_profile, store_profiles
from accounts.people import People
from accounts.provisioning.rows import AccountRow, build_account, update_account
from accounts.test_mark import describe_fixed_account, find_fixed_accounts, record_test_marks
from common.errors import Fault, Refused
from common.normal_forms import normalise_code
from common.transactions import in_transaction, retry_on_conflict

CERTIFIED = ("certification", "certified_name", "credit_code")
CHANGEABLE = (*CERTIFIED, "time_zone", "is_test")
Kind = SecurityEvent.Kind


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one account. A fault's `pointer` is that of the row's member, such as "/party_a/phone"."""

    number: str
    outcome: Literal["created", "updated", "unchanged", "failed"]
    faults: tuple[Fault, ...] = ()


@dataclass(slots=True)
class _Change:
    """What is to be stored of one row."""

    account: Account
    changed: list[str]
    """Names of changed fields, of the account and of Party A's details."""
    profile: PartyProfile | None = None
    owner: User | None = None

    @property
    def outcome(self) -> Literal["created", "updated", "unchanged"]:
        if self.account.pk is None:
            return "created"
        return "updated" if self.changed or self.owner else "unchanged"


@dataclass(slots=True)
class _Known:
    """The rows' existing accounts and people, loaded at once. New ones are added to it row by row."""

    people: People
    accounts: dict[str, Account] = field(default_factory=dict)
    with_owner: set[int] = field(default_factory=set)
    conflicting: set[int] = field(default_factory=set)
    """Ids of accounts that the actor is a member of (R45)."""
    fixed: set[int] = field(default_factory=set)
    """Ids of accounts that a row wants to make test accounts or real ones, and that must stay what they are (R48)."""

    def find_account(self, number: str) -> Account | None:
        number = normalise_code(number)
        return self.accounts.get(number) or self.accounts.get(number.casefold())


@in_transaction
def write_account(row: AccountRow, *, is_new: bool, by: Actor) -> Account:
    """Create or update a single account and return it. Raises Refused with a fault for each wrong value.

    Raises Refused `transition_not_allowed` for an existing account if `is_new`.
    """
    [outcome] = write_accounts([row], by=by)
    if outcome.faults:
        raise Refused.because(outcome.faults)
    if is_new and outcome.outcome != "created":
        detail = _("Account %(number)s exists already. Change it instead.") % {"number": outcome.number}
        raise Refused("transition_not_allowed", detail, pointer="/number")
    return Account.objects.select_related("profile").get(number=outcome.number)


@retry_on_conflict
@in_transaction
def write_accounts(rows: Sequence[AccountRow], *, by: Actor) -> list[Outcome]:
    """Create or update accounts. Return one outcome per row, in order; refused accounts stay unchanged.

    For integrators and commands. The same rows again change nothing. The certification is recorded as verified
    elsewhere. A new owner without a user gets one, and a link to set a password by email.
    Raises Refused `permission_denied`.
    """
    by.require_to_act()
    known = _load(rows, by)
    outcomes, changes, seen = [], [], set[str]()
    for row in rows:
        try:
            change = _plan(row, known, seen)
        except Refused as refused:
            outcomes.append(Outcome(row.number, "failed", refused.faults))
            continue
        outcomes.append(Outcome(change.account.number, change.outcome))
        changes.append(change)
    _save([change for change in changes if change.outcome != "unchanged"], by=by, now=timezone.now())
    return outcomes


def _load(rows: Sequence[AccountRow], by: Actor) -> _Known:
    """Lock the existing accounts, by primary key like all services, and fetch what the rows need."""
    numbers = {normalise_code(row.number) for row in rows}
    spellings = numbers | {number.upper() for number in numbers} | {number.lower() for number in numbers}
    accounts = list(
        Account.objects.select_for_update(of=("self",))
        .select_related("profile")
        .filter(number__in=spellings)
        .order_by("pk")
    )
    owners = [row.owner for row in rows if row.owner]
    known = _Known(
        People.load(usernames=[owner["username"] for owner in owners], emails=[owner["email"] for owner in owners])
    )
    for account in accounts:
        known.accounts.setdefault(account.number.casefold(), account)
    known.accounts |= {account.number: account for account in accounts}
    memberships = Membership.objects.filter(account__in=[account.pk for account in accounts])
    known.with_owner = set(memberships.filter(role=Membership.Role.OWNER).values_list("account", flat=True))
    if by.user_id:
        known.conflicting = set(memberships.filter(user=by.user_id).values_list("account", flat=True))
    other_kind = [_find_other_kind(row, known) for row in rows]
    known.fixed = find_fixed_accounts([account.pk for account in other_kind if account])
    return known


def _find_other_kind(row: AccountRow, known: _Known) -> Account | None:
    """Return the row's account if the row changes whether it is a test account."""
    account = known.find_account(row.number)
    return account if account and row.is_test not in (None, account.is_test) else None


def _plan(row: AccountRow, known: _Known, seen: set[str]) -> _Change:
    """Return the change that the row makes. Raises Refused with a fault for each wrong value."""
    key = normalise_code(row.number).casefold()
    if key in seen:
        raise Refused("invalid", _("Account %(number)s is listed twice.") % {"number": row.number}, pointer="/number")
    seen.add(key)
    account = known.find_account(row.number)
    if account and account.pk in known.conflicting:
        raise Refused("permission_denied", _("You are a member of this account. Someone else must change it."))
    faults: list[Fault] = []
    if account and account.pk in known.fixed:
        faults.append(describe_fixed_account(account, pointer="/test"))
    change = _Change(account or Account(), [])
    try:
        if account:
            change.changed = update_account(account, row)
        else:
            change.account = build_account(row)
    except Refused as refused:
        faults += refused.faults
    try:
        change.profile = _plan_profile(change, row)
    except Refused as refused:
        faults += refused.faults
    if faults:
        raise Refused.because(faults)
    if row.owner and (account is None or account.pk not in known.with_owner):
        change.owner = known.people.get_or_build(**row.owner, pointer="/owner")
    return change


def _plan_profile(change: _Change, row: AccountRow) -> PartyProfile | None:
    """Return Party A's details to store; None if the row has none, or only those that are stored already."""
    if not row.party_a:
        return None
    stored: PartyProfile | None = getattr(change.account, "profile", None) if change.account.pk else None
    before = stored.details() if stored else {}
    profile = complete_profile(change.account, row.party_a)
    changed = [name for name, value in profile.details().items() if value != before.get(name, "")]
    change.changed += changed
    return profile if changed else None


def _save(changes: Sequence[_Change], *, by: Actor, now: datetime) -> None:
    """Store the changes. New accounts and users get their primary keys on the way."""
    created = [change.account for change in changes if change.account.pk is None]
    updated = [change.account for change in changes if change.account.pk and set(change.changed) & set(CHANGEABLE)]
    certified = [
        change.account for change in changes if change.account.pk is None or set(change.changed) & set(CERTIFIED)
    ]
    outcomes = [change.outcome for change in changes]
    Account.objects.bulk_create(sorted(created, key=lambda account: account.number))
    Account.objects.bulk_update(updated, CHANGEABLE, batch_size=200)
    store_profiles([change.profile for change in changes if change.profile])
    _record_certifications(certified, by=by, now=now)
    marked = [change.account for change in changes if "is_test" in change.changed]
    record_test_marks([*marked, *(one for one in created if one.is_test)], by_id=by.user_id)
    members = _add_owners(changes, now=now)
    entries = [(None, _describe(change, outcome)) for change, outcome in zip(changes, outcomes, strict=True)]
    record_security_events(kind=Kind.ACCOUNT_WRITTEN, user_id=by.user_id, entries=entries)
    added = [(member.user_id, f"account {member.account.number}: owner, added") for member in members]
    record_security_events(kind=Kind.ROLE_CHANGED, user_id=by.user_id, entries=added)


def _describe(change: _Change, outcome: str) -> str:
    fields = f" ({', '.join(change.changed)})" if change.changed else ""
    return f"account {change.account.number}: {outcome}{fields}"


def _record_certifications(accounts: Iterable[Account], *, by: Actor, now: datetime) -> None:
    """Record under which names the accounts are certified from now on, by whom, and that there is no scan."""
    CertificationRequest.objects.bulk_create(
        CertificationRequest(
            account=account,
            kind=account.certification,
            name=account.certified_name,
            credit_code=account.credit_code,
            status=CertificationRequest.Status.APPROVED,
            is_verified_elsewhere=True,
            requested_by_id=by.user_id,
            requested_at=now,
            decided_by_id=by.user_id,
            decided_at=now,
        )
        for account in accounts
        if account.certification != Account.Certification.NONE
    )


def _add_owners(changes: Iterable[_Change], *, now: datetime) -> list[Membership]:
    owned = [(change.account, change.owner) for change in changes if change.owner]
    new = {id(user): user for _account, user in owned if user.pk is None}
    User.objects.bulk_create(sorted(new.values(), key=lambda user: user.username))
    role = Membership.Role.OWNER
    members = Membership.objects.bulk_create(
        Membership(account=account, user=user, role=role) for account, user in owned
    )
    notify_memberships(members, MEMBER_ADDED, {"role": role.value}, at=now)
    return members
