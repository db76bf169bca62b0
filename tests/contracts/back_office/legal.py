"""Staff who prepare and publish, and the forms that they send."""

from html import unescape
from re import DOTALL, sub

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.access.actors import Actor, staff_actor
from contracts.models import Clause, ClauseVersion
from tests import factories

CLAUSES = "/admin/contracts/clauseversion"
ISSUER = "/admin/accounts/issuer"


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def member_of(group: str) -> Client:
    """Signed in as somebody of one of the shipped roles."""
    user = factories.UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return client_of(user)


def holder_of(*codenames: str) -> Client:
    """Signed in as staff with these permissions and no others."""
    user = factories.UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return client_of(user)


def superuser() -> Client:
    return client_of(factories.UserFactory(is_staff=True, is_superuser=True))


def legal(permission: str = "contracts.publish_clauseversion") -> Actor:
    """Somebody of Legal, as services know them."""
    user = factories.UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name="Legal"))
    return staff_actor(get_user_model().objects.get(pk=user.pk), permission)


def in_force(type_: str = "order") -> ClauseVersion:
    return ClauseVersion.objects.current(type_)


def clause(version: ClauseVersion, position: int = 1) -> Clause:
    return version.clauses.get(position=position)


def sent_by(page) -> dict:
    """What the browser sends when the edit page is saved as it is."""
    form = page.context["adminform"].form
    data = {field.html_name: field.value() for field in form}
    for inline in page.context["inline_admin_formsets"]:
        for part in (inline.formset.management_form, *inline.formset.forms):
            data |= {field.html_name: field.value() for field in part}
    return {name: "" if value is None else value for name, value in data.items() if not name.endswith("-DELETE")}


def seen_on(page) -> str:
    """The hidden field by which a decision on a stale page is known."""
    return page.context["form"]["seen"].value()


def text_of(page) -> str:
    """What a reader sees, without marks."""
    body = page.text[page.text.index("<main") :] if "<main" in page.text else page.text
    return unescape(sub(r"\s+", " ", sub(r"<script.*?</script>|<[^>]+>", " ", body, flags=DOTALL)))
