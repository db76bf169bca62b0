"""Finance staff at their books, and what they work on."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.test import Client
from pikepdf import Pdf

from accounts.access.actors import Actor, staff_actor
from accounts.certification.requests import request_certification
from accounts.models import Account, CertificationRequest
from billing.models import LedgerEntry
from billing.remittances import book_remittance
from tests import factories


def _blank_page() -> bytes:
    """A file that readers can draw, as a scan."""
    output = BytesIO()
    with Pdf.new() as pdf:
        pdf.add_blank_page(page_size=(200, 300))
        pdf.save(output, deterministic_id=True)
    return output.getvalue()


CODE = "91110000600037341L"
PDF = _blank_page()
REQUESTS = "/admin/accounts/certificationrequest"
LEDGER = "/admin/billing/ledgerentry"
HOSTILE = "<script>alert(1)</script><b>bold</b>"


def somebody(*groups: str, **flags: Any):
    """A new user of these shipped roles, staff unless told otherwise."""
    user = factories.UserFactory(**{"is_staff": True, **flags})
    user.groups.add(*Group.objects.filter(name__in=groups))
    return get_user_model().objects.get(pk=user.pk)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def clerk(permission: str = "billing.book_remittance") -> Actor:
    """Somebody of Finance, as services know them."""
    return staff_actor(somebody("Finance"), permission)


def decider() -> Actor:
    return clerk("accounts.decide_certificationrequest")


def reader() -> Actor:
    """Staff without a right to anything of it."""
    return clerk("billing.nothing_of_this_name")


def holder_of(*codenames: str) -> Client:
    user = somebody()
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return client_of(user)


def asked(account: Account | None = None, **fields: Any) -> CertificationRequest:
    """A request for certification that waits, of an account that is not certified unless given."""
    actor = factories.member(account=account or factories.AccountFactory(certification="none", certified_name=""))
    given = {"kind": "enterprise", "name": "蓝河贸易有限公司", "credit_code": CODE, **fields}
    return request_certification(**given, licence=ContentFile(PDF), by=actor)


def book(account: Account, amount: str = "100.00", reference: str = "CMB-1", **fields: Any) -> LedgerEntry:
    given = {"currency": account.currency, "received_on": date(2026, 11, 21), "by": clerk(), **fields}
    return book_remittance(account=account, amount=Decimal(amount), bank_reference=reference, **given)


def amounts(account: Account) -> list[str]:
    """The ledger, oldest first."""
    return [f"{amount:f}" for amount in account.ledger.order_by("pk").values_list("amount", flat=True)]


def seen_on(page) -> str:
    return page.context["form"]["seen"].value()
