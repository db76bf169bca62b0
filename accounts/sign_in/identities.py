"""Whose sign-in it is that a provider verified: a staff member's, or a member's of the provider's account."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.security_log import record_security_event
from accounts.member_emails import ROLE_CHANGED
from accounts.models import AccountProvider, Identity, Membership, SecurityEvent
from accounts.notices import notify_members
from accounts.sign_in.provider import Provider
from common.errors import Refused
from common.transactions import in_transaction


@in_transaction
def get_user(*, claims: Mapping[str, Any], provider: Provider) -> User:
    """Return the active user of the ID token's claims.

    A known subject is the user it was linked to. Another one is linked to the user with its verified address, or to a
    new one. Raises Refused `permission_denied`.
    """
    email = _read_email(claims, provider)
    return _get_member(claims, email, provider) if provider.of_account else _get_staff(claims, email, provider)


def _get_staff(claims: Mapping[str, Any], email: str, provider: Provider) -> User:
    """Return the staff member, with roles by OIDC_ROLES if set; only then are users created."""
    groups = claims.get(settings.OIDC_GROUPS_CLAIM)
    roles = {role for group, role in settings.OIDC_ROLES.items() if isinstance(groups, list) and group in groups}
    if settings.OIDC_ROLES and not roles:
        raise _refuse(_("Your sign-in has no role here."))
    make = (lambda: _create_user(email, is_staff=True)) if settings.OIDC_ROLES else None
    user = _find(claims, provider) or _link(claims, provider, Q(is_staff=True), email, make)
    if not (user.is_active and user.is_staff):
        raise _refuse(_("This user may no longer sign in."))
    if settings.OIDC_ROLES:
        _set_roles(user, roles)
    return user


def _get_member(claims: Mapping[str, Any], email: str, provider: Provider) -> User:
    """Return the member of the provider's account, who belongs to no other account and is no staff.

    Otherwise the customer that runs the provider could act for others.
    """
    own = provider.of_account
    assert own  # noqa: S101 - for the type checker
    member = Q(memberships__account=own.account_id)
    user = _find(claims, provider) or _link(claims, provider, member, email, lambda: _create_member(own, email))
    accounts = list(Membership.objects.filter(user=user).values_list("account", flat=True))
    if not user.is_active or user.is_staff or user.is_superuser or accounts != [own.account_id]:
        raise _refuse(_("This user may not sign in this way."))
    return user


def _read_email(claims: Mapping[str, Any], provider: Provider) -> str:
    email = str(claims.get("email", ""))
    if not email or claims.get("email_verified") is not True:
        raise _refuse(_("The provider has not verified your email address."))
    if email.rpartition("@")[2].lower() not in provider.domains:
        raise _refuse(_("Email addresses of this domain may not sign in here."))
    return email


def _find(claims: Mapping[str, Any], provider: Provider) -> User | None:
    known = Identity.objects.select_related("user").filter(issuer=provider.issuer, subject=str(claims["sub"]))
    return next((identity.user for identity in known), None)


def _link(
    claims: Mapping[str, Any], provider: Provider, wanted: Q, email: str, make: Callable[[], User] | None
) -> User:
    """Link the subject to the one user with the address, who must be `wanted`, or to the one that `make` creates."""
    same_address = User.objects.select_for_update().filter(Q(email__iexact=email) | Q(username__iexact=email))
    found = list(same_address)
    if found:
        if len(found) > 1 or not User.objects.filter(wanted, pk=found[0].pk).exists():
            raise _refuse(_("This email address belongs to another user."))
        user = found[0]
    elif make:
        user = make()
    else:
        raise _refuse(_("No user has this email address."))
    if Identity.objects.filter(user=user, issuer=provider.issuer).exists():
        raise _refuse(_("This email address belongs to another sign-in."))
    Identity.objects.create(user=user, issuer=provider.issuer, subject=str(claims["sub"]))
    return user


def _create_user(email: str, **fields: Any) -> User:
    user = User(username=email[:150], email=email, **fields)
    user.set_unusable_password()
    user.save()
    return user


def _create_member(own: AccountProvider, email: str) -> User:
    user = _create_user(email)
    member = Membership.objects.create(user=user, account=own.account, role=own.default_role)
    detail = f"account {own.account.number}: {own.default_role}, by the sign-in provider"
    record_security_event(kind=SecurityEvent.Kind.ROLE_CHANGED, user_id=None, about_id=user.pk, detail=detail)
    notify_members(own.account, [member], ROLE_CHANGED, {"role": own.default_role}, at=timezone.now())
    return user


def _set_roles(user: User, roles: set[str]) -> None:
    """Give the user these of the roles that OIDC_ROLES names. Others are granted here and stay."""
    managed = Group.objects.filter(name__in=settings.OIDC_ROLES.values())
    if set(managed.filter(user=user).values_list("name", flat=True)) == roles:
        return
    user.groups.remove(*managed.exclude(name__in=roles))
    user.groups.add(*managed.filter(name__in=roles))
    detail = f"provider: {', '.join(sorted(roles))}"
    record_security_event(kind=SecurityEvent.Kind.ROLE_CHANGED, user_id=None, about_id=user.pk, detail=detail)


def _refuse(detail: str) -> Refused:
    return Refused("permission_denied", detail)
