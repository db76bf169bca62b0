"""Users whom owners invite or integrators name: look them up, and create those who have no user yet (R49)."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts.email_addresses import read_email_address
from common.errors import Fault, Refused

ERASED_PREFIX = "erased-"
"""Prefix of the user names of erased people, which nobody can choose."""
PASSWORD_NOT_SET = ""
"""Password of users who have not set one: nobody can sign in with it, but the user can request a password link.

Django's unusable passwords refuse password links, too.
"""


class People:
    """Users by user name and by email address, whose case does not matter. Includes users that are not saved yet."""

    def __init__(self, users: Iterable[User]) -> None:
        self._by_name: dict[str, User] = {}
        self._by_email: dict[str, User] = {}
        for user in users:
            self._add(user)

    @classmethod
    def load(cls, *, usernames: Iterable[str] = (), emails: Iterable[str] = ()) -> "People":
        """Fetch the users with these names or addresses."""
        names, addresses = set(usernames), {email.lower() for email in emails if email}
        users = User.objects.alias(name=Lower("username"), address=Lower("email")).order_by("pk")
        # The exact name as well, because SQLite lowers ASCII letters only.
        named = users.filter(Q(name__in={name.lower() for name in names}) | Q(username__in=names))
        return cls([*named, *users.filter(address__in=addresses)])

    def find_by_email(self, email: str) -> User | None:
        return self._by_email.get(email.casefold())

    def get_or_build(self, *, username: str, email: str, pointer: str = "") -> User:
        """Return the user with this name and address; a new, unsaved one without a password if there is none.

        `pointer`: prefix of the faults' pointers. Raises Refused: `invalid` for a wrong name or address;
        `transition_not_allowed` for a name or an address of somebody else, or of an inactive user.
        """
        username = User.normalize_username(username.strip())
        email = read_email_address(email, pointer=f"{pointer}/email")
        user = self._by_name.get(username.casefold())
        if user is None:
            return self.build(username=username, email=email, pointer=pointer)
        if user.email.casefold() != email.casefold():
            detail = _("The user name %(name)s belongs to somebody else.") % {"name": username}
            raise Refused("transition_not_allowed", detail, pointer=f"{pointer}/username")
        if not user.is_active:
            detail = _("The user %(name)s is inactive.") % {"name": username}
            raise Refused("transition_not_allowed", detail, pointer=f"{pointer}/username")
        return user

    def build(self, *, username: str, email: str, pointer: str = "") -> User:
        """Return a new, unsaved user without a password. Raises Refused like `get_or_build`, also for a known name."""
        username = User.normalize_username(username.strip())
        if faults := self._find_faults(username, pointer):
            raise Refused.because(faults)
        if self.find_by_email(email):
            detail = _("%(address)s belongs to another user.") % {"address": email}
            raise Refused("transition_not_allowed", detail, pointer=f"{pointer}/email")
        user = User(username=username, email=email, password=PASSWORD_NOT_SET)
        self._add(user)
        return user

    def _find_faults(self, username: str, pointer: str) -> list[Fault]:
        try:
            User._meta.get_field("username").clean(username, None)
        except ValidationError as error:
            return [Fault("invalid", " ".join(error.messages), f"{pointer}/username")]
        if username.casefold() in self._by_name or username.casefold().startswith(ERASED_PREFIX):
            detail = _("The user name %(name)s is taken. Choose another one.") % {"name": username}
            return [Fault("invalid", detail, f"{pointer}/username")]
        return []

    def _add(self, user: User) -> None:
        self._by_name.setdefault(user.get_username().casefold(), user)
        if user.email:
            self._by_email.setdefault(user.email.casefold(), user)


def find_user_by_email(email: str) -> User | None:
    """Return the user with this address, whatever its case; also an inactive one."""
    return People.load(emails=[email]).find_by_email(email)


def has_password(user: User) -> bool:
    return user.password != PASSWORD_NOT_SET
