"""The account's own sections of a customer's page: facts, members, certification requests."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.admin.customer import MAX_SECTION_ROWS, CustomerSection, count_rows, register_section
from accounts.models import Account, CertificationRequest, Membership, PartyProfile

MAX_MEMBERS = 20


def _load_profile(account: Account, now: datetime) -> dict[str, Any]:
    return {"profile": PartyProfile.objects.filter(account=account).first()}


def _load_members(account: Account, now: datetime) -> dict[str, Any]:
    members = Membership.objects.filter(account=account)
    return {"rows": members.select_related("user")[:MAX_MEMBERS], "count": count_rows(members)}


def _load_certifications(account: Account, now: datetime) -> dict[str, Any]:
    requests = CertificationRequest.objects.filter(account=account)
    return {"rows": requests.order_by("-pk")[:MAX_SECTION_ROWS], "count": count_rows(requests)}


register_section(
    CustomerSection(
        model=PartyProfile,
        title=_("Contact"),
        template="admin/accounts/account/_contact.html",
        load=_load_profile,
        position=20,
        query=None,
        aside=True,
    )
)
register_section(
    CustomerSection(
        model=Membership,
        title=_("Members"),
        template="admin/accounts/account/_members.html",
        load=_load_members,
        position=30,
        query=None,
        aside=True,
    )
)
register_section(
    CustomerSection(
        model=CertificationRequest,
        title=_("Certification requests"),
        template="admin/accounts/account/_certifications.html",
        load=_load_certifications,
        position=40,
        query="status=all&",
        aside=True,
    )
)
