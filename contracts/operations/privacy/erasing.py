"""Erase a person: delete their data, keep what the law requires, and keep the user row as an id without a name."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Q

from accounts.certification.licence_scans import delete_licence
from accounts.models import (
    Account,
    ApiToken,
    CertificationRequest,
    IdempotentRequest,
    Identity,
    Membership,
    PartyProfile,
    PasswordLinkRequest,
    SavedFilter,
    SecurityEvent,
)
from accounts.people import ERASED_PREFIX
from accounts.sign_in.emails import address_reference
from billing.ledger import get_balance
from common.errors import Refused
from common.money import plain_amount
from common.transactions import in_transaction
from contracts.models import Batch, Contract, Selection, VoidTicket
from contracts.operations.privacy.addresses import erase_account_addresses, erase_address
from emails.models import Notice
from exports.models import Export
from exports.worker import delete_exports
from webhooks.models import WebhookEndpoint

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Erased:
    """Result of an erasure: deleted rows by kind, and accounts left without members."""

    user_id: int
    rows: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


@in_transaction
def erase_person(*, user: User, now: datetime) -> Erased:
    """Erase the person's data at `now` (aware). The user row stays, without a name or the ability to sign in.

    Contracts, documents, trails, tickets and books stay (docs/privacy.md). Raises Refused `transition_not_allowed` if
    unfinished business would be left without a person to act; the sentence names what to do first.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    accounts = list(Account.objects.select_for_update(of=("self",)).filter(memberships__user=user).order_by("pk"))
    for obstacle in _obstacles(user, accounts, now):
        raise Refused("transition_not_allowed", obstacle)
    erased = Erased(user.pk)
    erased.rows = _delete_rows(user)
    erased.rows |= erase_address(user.email)
    erased.rows["scans"] = _delete_scans(user)
    erased.rows["exports"] = delete_exports(Export.objects.filter(user=user))
    for account in accounts:
        if not account.memberships.exists():
            _close_account(account, now)
            erased.left.append(account.number)
    _make_anonymous(user, now)
    log.info("user %d is erased", user.pk)
    return erased


def _obstacles(user: User, accounts: list[Account], now: datetime) -> Iterator[str]:
    """Yield a sentence for each reason why the person cannot be erased yet."""
    if user.username == f"{ERASED_PREFIX}{user.pk}":
        yield f"User {user.pk} has already been erased."
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if user.is_superuser and not others.exists():
        yield "This is the last superuser: create another one first (createsuperuser)."
    for account in accounts:
        yield from _obstacles_at(account, user, now)


def _obstacles_at(account: Account, user: User, now: datetime) -> Iterator[str]:
    waiting = CertificationRequest.Status.PENDING
    if account.certification_requests.filter(status=waiting, requested_by=user).exists():
        yield f"Account {account.number} has a pending certification request: decide it first."
    own = account.memberships.get(user=user)
    remaining = account.memberships.exclude(pk=own.pk)
    able = remaining.acting().filter(user__is_active=True)
    owned = able.filter(role=Membership.Role.OWNER).exists()
    if own.role == Membership.Role.OWNER and remaining.exists() and not owned:
        yield f"This is the last owner of account {account.number}: make another member owner first."
    if able.exists() or not own.may_act:
        return
    live = Contract.objects.filter(account=account, status__in=Contract.LIVE)
    running = live.filter(Q(expires_at__gt=now) | Q(status=Contract.Status.DRAFT, expires_at=None))
    if contract := running.order_by("pk").first():
        yield (
            f"No other member can act for account {account.number}, and contract {contract.number} is a draft or a live"
            " payment request: void it first, or let it expire."
        )
    if VoidTicket.objects.filter(contract__account=account, status=VoidTicket.Status.OPEN).exists():
        yield f"A void ticket of account {account.number} is open: decide it first."
    if balance := get_balance(account):
        amount = f"{plain_amount(balance, account.currency)} {account.currency}"
        yield f"Account {account.number} has a balance of {amount}: settle it first."


def _delete_rows(user: User) -> dict[str, int]:
    named = {"username": user.username}
    of_user = {
        "idempotency_keys": IdempotentRequest.objects.filter(token__user=user),
        "tokens": ApiToken.objects.filter(user=user),
        "emails": Notice.objects.filter(Q(user=user) | Q(user=None, reference=address_reference(user))),
        "security_events": SecurityEvent.objects.filter(user=user),
        "password_link_requests": PasswordLinkRequest.objects.filter(email__iexact=user.email or "-"),
        "batches": Batch.objects.filter(requested_by=user).exclude(finished_at=None),
        "saved_filters": SavedFilter.objects.filter(user=user),
        "selections": Selection.objects.filter(user=user),
        "memberships": Membership.objects.filter(user=user),
        "sessions": Session.objects.filter(signed_in__user=user),
        "identities": Identity.objects.filter(user=user),
        "second_factors": Authenticator.objects.filter(user_id=user.pk),
        "failed_sign_ins": AccessAttempt.objects.filter(**named),
        "failed_sign_ins_listed": AccessFailureLog.objects.filter(**named),
        "sign_ins": AccessLog.objects.filter(**named),
    }
    counts = {}
    for what, rows in of_user.items():
        counts[what] = rows.count()
        rows.delete()
    return counts


def _delete_scans(user: User) -> int:
    """Delete scans of identity documents; a company's licence is not personal data. Return their number."""
    mine = CertificationRequest.objects.filter(requested_by=user, kind=CertificationRequest.Kind.PERSONAL)
    requests = list(mine.exclude(licence="").select_for_update())
    for request in requests:
        delete_licence(request)
    return len(requests)


def _close_account(account: Account, now: datetime) -> None:
    """Delete the details of an account without members, which would be printed in its next contract.

    The certified name stays if a contract, order or ledger entry names it as Party A.
    """
    PartyProfile.objects.filter(account=account).delete()
    erase_account_addresses(account)
    # Endpoints are deleted with their log a day later, like those deleted by members.
    endpoints = account.webhook_endpoints.filter(deleted_at=None)
    endpoints.update(deleted_at=now, disabled_at=now, disabled_because=WebhookEndpoint.DisabledBecause.MEMBER)
    if account.certification != Account.Certification.PERSONAL:
        return
    if account.contracts.exists() or account.ledger.exists() or account.orders.exists():
        return
    account.certified_name, account.certification = "", Account.Certification.NONE
    account.save(update_fields=["certified_name", "certification"])
    account.certification_requests.update(name=f"{ERASED_PREFIX}{account.pk}")


def _make_anonymous(user: User, now: datetime) -> None:
    user.username = f"{ERASED_PREFIX}{user.pk}"
    user.first_name = user.last_name = user.email = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login, user.date_joined = None, now
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))
    about.update(object_repr=user.username)
