"""A whole life of a contract, by pages, API and back office, and what goes wrong on the way: the log names nobody."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client

from accounts.models import Account
from contracts.documents.files import path_of
from contracts.models import Contract, ContractDocument, Selection, VoidTicket
from emails.models import Notice
from emails.sending import send_due_emails
from tests import factories
from tests.contracts.back_office.legal import client_of, seen_on
from tests.lines import Lines

pytestmark = pytest.mark.django_db(transaction=True)
DETAILS = {
    "address": "Wudaokou 42, Haidian",
    "contact": "Quentin Zhangsan",
    "phone": "+86 13912345678",
    "email": "quentin@wanderers.example",
    "bank": "Bank of Nowhere",
    "bank_account": "6222020200112233",
    "tax_number": "91350211M000100Y43",
}
TEXTS = {
    "company": "Wanderers of Haidian Ltd",
    "remarks": "ask Quentin before noon",
    "reason": "Mister Zhangsan left us",
    "note": "told his deputy Ottilie",
    "password": "correct-horse-battery",
    "person": "Ottilie Untersberger",
    "her email": "ottilie@wanderers.example",
}
NEVER = [*DETAILS.values(), *TEXTS.values(), "quentin", "zhangsan", "ottilie", "wanderers", "untersberger"]


@pytest.fixture
def lines():
    with Lines() as lines:
        yield lines


@pytest.fixture
def owner(issuer):
    account = factories.AccountFactory(certified_name=TEXTS["company"])
    user = factories.UserFactory(first_name="Ottilie", last_name="Untersberger", email=TEXTS["her email"])
    user.set_password(TEXTS["password"])
    user.save()
    return factories.MembershipFactory(account=account, user=user)


def browser(user) -> Client:
    client = Client(raise_request_exception=False)
    given = {"username": user.username, "password": TEXTS["password"]}
    assert client.post("/login/", given).status_code == 302
    return client


def applied(visit: Client, owner) -> Contract:
    """By the pages, with the details given for the first time, and wrong at first."""
    order = factories.PaidOrderFactory(account=owner.account)
    selection = Selection.objects.create(
        account=owner.account, user=owner.user, type="order", order_numbers=[order.number]
    )
    address = f"/contracts/apply/order/confirm/?selection={selection.pk}"
    assert visit.post(address, {**DETAILS, "contact": "Zhangsan \U0001f600"}).status_code == 400
    assert visit.post(address, {**DETAILS, "remarks": TEXTS["remarks"]}).status_code == 302
    return Contract.objects.get()


def voided(contract: Contract, visit: Client) -> None:
    visit.post(f"/contracts/{contract.number}/request-void/", {"reason": TEXTS["reason"]})
    finance = factories.UserFactory(is_staff=True, first_name="Ottilie")
    finance.groups.add(Group.objects.get(name="Finance"))
    office = client_of(finance)
    address = f"/admin/contracts/voidticket/{VoidTicket.objects.get().pk}/approve/"
    assert office.post(address, {"seen": seen_on(office.get(address)), "note": TEXTS["note"]}).status_code == 302
    office.get("/admin/contracts/contract/?q=Zhangsan")
    office.get("/admin/accounts/account/?q=Wanderers")


def went_wrong(contract: Contract, visit: Client, monkeypatch) -> None:
    def duplicate(*_: object, **__: object) -> None:
        raise IntegrityError("Key (email)=(quentin@wanderers.example) already exists.")

    for _ in range(6):
        Client().post("/login/", {"username": "quentin@wanderers.example", "password": TEXTS["password"]})
    visit.get("/contracts/?q=Quentin+Zhangsan")
    visit.get("/contracts/Zhangsan/")
    visit.get("/orders/quentin@wanderers.example/")
    Client(enforce_csrf_checks=True).post("/login/?quentin@wanderers.example", {"username": "quentin"})
    visit.post("/verify/", {"file": SimpleUploadedFile("Zhangsan.pdf", b"%PDF-1.7 of Quentin Zhangsan")})
    with monkeypatch.context() as patch:
        patch.setattr("contracts.views.listing.page_of", duplicate)
        assert visit.get("/contracts/?q=Zhangsan").status_code == 500
    default_storage.delete(path_of(ContractDocument.objects.get(kind="void_certificate").sha256))
    assert visit.get(f"/contracts/{contract.number}/void-certificate/").status_code == 503


def test_the_log_names_ids_and_no_people(lines, owner, settings, monkeypatch):
    visit = browser(owner.user)
    contract = applied(visit, owner)
    assert visit.post(f"/contracts/{contract.number}/convert/", {"consent": "on"}).status_code == 302
    visit.post(f"/contracts/{contract.number}/remarks/", {"remarks": TEXTS["remarks"]})
    visit.get(f"/contracts/{contract.number}/document/")
    visit.get(f"/verify/?code={contract.verification_code}")
    voided(contract, visit)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert send_due_emails().attempted == 1
    went_wrong(contract, visit, monkeypatch)

    assert Contract.objects.get().status == "voided"
    assert Contract.objects.get().party_a["contact"] == DETAILS["contact"]  # so there was something to be told
    assert Notice.objects.filter(state="pending", attempts=1).exists()
    converted = [line for line in lines.of("config.requests") if line["route"].endswith("/convert/")]
    told = {(line["contract"], line["account"], line["user"]) for line in converted}
    assert told == {(contract.number, Account.objects.get().number, owner.user.pk)}
    assert len(lines.all) > 20
    said = lines.text.lower()
    secrets = [contract.verification_code, visit.cookies["sessionid"].value, get_user_model().objects.first().password]
    assert [text for text in [*NEVER, *secrets] if text.lower() in said] == []
