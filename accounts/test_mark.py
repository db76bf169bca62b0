"""Mark accounts as test accounts (R48), which is final once a higher app holds records that depend on it."""

from collections.abc import Callable, Collection

from django.utils.translation import gettext as _

from accounts.access.security_log import record_security_events
from accounts.models import Account, SecurityEvent
from common.errors import Fault, Refused

FindFixed = Callable[[Collection[int]], Collection[int]]
"""Returns which of these account ids can no longer become test accounts or real ones."""

_finders: list[FindFixed] = []


def register_fixed_accounts(find: FindFixed) -> None:
    """Register a function that finds accounts with records of their kind. Call this from an app's `ready`."""
    _finders.append(find)


def find_fixed_accounts(ids: Collection[int]) -> set[int]:
    return {pk for find in _finders for pk in find(ids)} if ids else set()


def describe_fixed_account(account: Account, *, pointer: str) -> Fault:
    """Return the fault `transition_not_allowed` of an account that can no longer change its kind."""
    if account.is_test:
        detail = _("Account %(number)s is a test account with contracts: it cannot become a real one.")
    else:
        detail = _("Account %(number)s has contracts: it cannot become a test account.")
    return Fault("transition_not_allowed", detail % {"number": account.number}, pointer)


def require_changeable(account: Account, *, pointer: str) -> None:
    """Lock the account, and raise Refused `transition_not_allowed` unless its kind can still change."""
    locked = Account.objects.select_for_update().get(pk=account.pk)
    if find_fixed_accounts([locked.pk]):
        raise Refused.because([describe_fixed_account(locked, pointer=pointer)])


def record_test_marks(accounts: Collection[Account], *, by_id: int | None) -> None:
    """Record in the security log what these accounts have become."""
    entries = [(None, f"account {one.number}: {'test account' if one.is_test else 'real account'}") for one in accounts]
    if entries:
        record_security_events(kind=SecurityEvent.Kind.TEST_MARK_CHANGED, user_id=by_id, entries=entries)
