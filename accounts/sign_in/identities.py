"""Which staff member a verified sign-in at the OpenID Connect provider belongs to (R49)."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.utils.translation import gettext as _

from accounts.access.security_log import record_security_event
from accounts.models import Identity, SecurityEvent
from common.errors import Refused
from common.transactions import in_transaction


@in_transaction
def get_staff(*, claims: Mapping[str, Any]) -> User:
    """Return the active staff member of the ID token's claims, and set roles by OIDC_ROLES.

    A known subject is the user it was linked to. Another one is linked to the staff member with its verified address,
    or, with OIDC_ROLES, to a new user. Raises Refused `permission_denied`.
    """
    email = _read_email(claims)
    roles = _read_roles(claims)
    if settings.OIDC_ROLES and not roles:
        raise _refuse(_("Your sign-in has no role here."))
    identity = Identity.objects.filter(issuer=settings.OIDC_ISSUER, subject=claims["sub"]).first()
    user = User.objects.get(pk=identity.user_id) if identity else _link(email, str(claims["sub"]))
    if not (user.is_active and user.is_staff):
        raise _refuse(_("This user may no longer sign in."))
    if settings.OIDC_ROLES:
        _set_roles(user, roles)
    return user


def _read_email(claims: Mapping[str, Any]) -> str:
    email = str(claims.get("email", ""))
    if not email or claims.get("email_verified") is not True:
        raise _refuse(_("The provider has not verified your email address."))
    if email.rpartition("@")[2].lower() not in settings.OIDC_ALLOWED_DOMAINS:
        raise _refuse(_("Email addresses of this domain may not sign in here."))
    return email


def _read_roles(claims: Mapping[str, Any]) -> set[str]:
    groups = claims.get(settings.OIDC_GROUPS_CLAIM)
    return {role for group, role in settings.OIDC_ROLES.items() if isinstance(groups, list) and group in groups}


def _link(email: str, subject: str) -> User:
    """Link the subject to the one staff member with the address. Raises Refused if there is none, or several."""
    found = list(User.objects.select_for_update().filter(email__iexact=email, is_staff=True)[:2])
    if not found and settings.OIDC_ROLES and not User.objects.filter(username=email).exists():
        user = User(username=email, email=email, is_staff=True)
        user.set_unusable_password()
        user.save()
        found = [user]
    if len(found) != 1:
        raise _refuse(_("No staff member has this email address."))
    if Identity.objects.filter(user=found[0], issuer=settings.OIDC_ISSUER).exists():
        raise _refuse(_("This address belongs to another sign-in."))
    Identity.objects.create(user=found[0], issuer=settings.OIDC_ISSUER, subject=subject)
    return found[0]


def _set_roles(user: User, roles: set[str]) -> None:
    """Give the user these of the roles that OIDC_ROLES names. Others are granted here and stay."""
    managed = Group.objects.filter(name__in=settings.OIDC_ROLES.values())
    before = set(managed.filter(user=user).values_list("name", flat=True))
    if before == roles:
        return
    user.groups.remove(*managed.exclude(name__in=roles))
    user.groups.add(*managed.filter(name__in=roles))
    detail = f"provider: {', '.join(sorted(roles))}"
    record_security_event(kind=SecurityEvent.Kind.ROLE_CHANGED, user_id=None, about_id=user.pk, detail=detail)


def _refuse(detail: str) -> Refused:
    return Refused("permission_denied", detail)
