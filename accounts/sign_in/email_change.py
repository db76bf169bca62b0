"""Change one's own email address: a link to the new one proves that the person receives its emails (R50)."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.security_log import record_security_event
from accounts.email_addresses import read_email_address
from accounts.models import SecurityEvent
from accounts.people import find_user_by_email
from accounts.sign_in.emails import (
    ADDRESS_CHANGED,
    ADDRESS_LINK,
    address_reference,
    is_newest_address_link,
    read_address_token,
)
from common.errors import Refused
from common.transactions import in_transaction
from emails.models import Notice
from emails.writing import send_emails_after_commit

MAX_LINKS_A_DAY = 5
"""Maximum number of links that a user has sent within 24 hours, to any addresses."""


@in_transaction
def request_email_change(*, user: User, email: str) -> None:
    """Send a link to the new address. An earlier link of the user stops working.

    Nothing tells whether the address belongs to somebody else: only its owner may learn that, by the link.
    Raises Refused: `invalid` for a wrong address or the present one; `throttled`.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    email = read_email_address(email, pointer="/email")
    if email == user.email:
        raise Refused("invalid", _("This is your address already."), pointer="/email")
    now = timezone.now()
    _require_links_left(user, now)
    _write(user, email, kind=ADDRESS_LINK.name, at=now)


def get_requested_address(*, user: User, token: str) -> str:
    """Return the address that the link with this token was sent to.

    Raises Refused: `not_found` for an unknown, expired or replaced link; `permission_denied` for another user's;
    `transition_not_allowed` if it was used.
    """
    notice = read_address_token(token)
    if notice is None or not is_newest_address_link(notice):
        detail = _("This link does not work any more. Request a new one on the security page.")
        raise Refused("not_found", detail)
    if notice.reference != address_reference(user):
        raise Refused("permission_denied", _("This link is for another user. Sign in as that user to use it."))
    if notice.address == user.email:
        raise Refused("transition_not_allowed", _("Your email address was already changed."))
    return notice.address


@in_transaction
def confirm_email_change(*, user: User, token: str) -> str:
    """Change the address, record it, tell the old one, and return the new one.

    Links to reset the password that went to the old address stop working. Raises Refused like
    `get_requested_address`, and `transition_not_allowed` if the address belongs to another user.
    """
    email = get_requested_address(user=user, token=token)
    user = _lock_all_who_requested(email)[user.pk]
    email = get_requested_address(user=user, token=token)
    other = find_user_by_email(email)
    if other and other.pk != user.pk:
        detail = _("%(address)s belongs to another user.") % {"address": email}
        raise Refused("transition_not_allowed", detail)
    old, user.email = user.email, email
    user.save(update_fields=["email"])
    record_security_event(kind=SecurityEvent.Kind.EMAIL_CHANGED, user_id=user.pk)
    if old:
        _write(user, old, kind=ADDRESS_CHANGED.name, at=timezone.now())
    return email


def _lock_all_who_requested(email: str) -> dict[int, User]:
    """Lock the users who requested this address, so that only one of them gets it. Return them by id."""
    links = Notice.objects.filter(kind=ADDRESS_LINK.name, address__iexact=email)
    ids = {int(user_id) for user_id in links.values_list("facts__user_id", flat=True)}
    return {user.pk: user for user in User.objects.select_for_update().filter(pk__in=ids).order_by("pk")}


def _require_links_left(user: User, now: datetime) -> None:
    sent = Notice.objects.filter(
        kind=ADDRESS_LINK.name, reference=address_reference(user), created_at__gt=now - timedelta(days=1)
    )
    if sent.count() >= MAX_LINKS_A_DAY:
        detail = _("You requested %(limit)d links within 24 hours. Try again tomorrow.") % {"limit": MAX_LINKS_A_DAY}
        raise Refused("throttled", detail, headers={"Retry-After": str(60 * 60)})


def _write(user: User, address: str, *, kind: str, at: datetime) -> None:
    Notice.objects.create(
        address=address,
        kind=kind,
        reference=address_reference(user),
        facts={"user": user.get_username(), "user_id": str(user.pk)},
        due_at=at,
        created_at=at,
    )
    send_emails_after_commit()
