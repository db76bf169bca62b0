"""Members of the account have bundles of contracts whose document they may have; staff of all (R18, R26)."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from contracts import evidence
from contracts.documents import files as documents
from tests.conftest import Api
from tests.contracts.back_office.legal import holder_of, member_of
from tests.contracts.back_office.office import someone
from tests.contracts.pages.conftest import signed_in
from tests.factories import MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R26")]
READERS = ["owner", "finance", "viewer"]


def page_of(contract) -> str:
    return reverse("contract-evidence", args=[contract.number])


def record_of(contract) -> str:
    return reverse("admin:contracts_contract_evidence", args=[contract.pk])


@pytest.fixture
def member(membership):
    return lambda role: MembershipFactory(account=membership.account, role=role)


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("kind", ["draft", "order contract", "payment request"])
def test_members_save_it(member, contract_of, role, kind):
    contract = contract_of(kind)
    for answer in (
        signed_in(member(role)).get(page_of(contract)),
        Api(member(role)).get(f"contracts/{contract.number}/evidence/", Accept="application/pdf"),
    ):
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
        assert answer["Content-Disposition"] == f'attachment; filename="{contract.number}-evidence.zip"'
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer.content == evidence.bundle(contract)


@pytest.mark.rule("R18")
@pytest.mark.parametrize("kind", ["voided", "voided draft"])
def test_of_a_voided_contract_members_have_none(member, contract_of, kind):
    contract = contract_of(kind)
    page = signed_in(member("owner")).get(page_of(contract))
    assert page.status_code == 410
    assert "was voided" in page.text
    answer = Api(member("viewer")).get(f"contracts/{contract.number}/evidence/")
    assert (answer.status_code, answer.json()["code"]) == (410, "contract_voided")
    assert page_of(contract) not in signed_in(member("owner")).get(f"/contracts/{contract.number}/").text


def test_others_do_not_find_it(contract_of):
    contract = contract_of("order contract")
    stranger: Membership = MembershipFactory()
    assert signed_in(stranger).get(page_of(contract)).status_code == 404
    answer = Api(stranger).get(f"contracts/{contract.number}/evidence/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert Client().get(page_of(contract)).status_code == 302
    assert Api().get(f"contracts/{contract.number}/evidence/").status_code == 401
    assert signed_in(stranger).get(record_of(contract)).status_code == 302


@pytest.mark.parametrize("kind", ["draft", "order contract", "voided", "voided draft"])
@pytest.mark.parametrize("group", ["Finance", "Legal", "Auditor"])
def test_staff_who_may_read_contracts_have_all(contract_of, group, kind):
    contract = contract_of(kind)
    staff = member_of(group)
    assert record_of(contract) in staff.get(reverse("admin:contracts_contract_change", args=[contract.pk])).text
    answer = staff.get(record_of(contract))
    assert answer.status_code == 200
    assert answer.content == evidence.bundle(contract, voided_too=True)


def test_staff_who_may_not_read_contracts_have_none(contract_of):
    contract = contract_of("draft")
    assert holder_of("view_voidticket", "view_contractdocument").get(record_of(contract)).status_code == 403
    assert someone("staff without a group").get(record_of(contract)).status_code == 403


def test_it_is_only_got(member, contract_of):
    contract = contract_of("draft")
    assert signed_in(member("owner")).post(page_of(contract)).status_code == 405
    assert Api(member("owner")).post(f"contracts/{contract.number}/evidence/").status_code == 405


def test_the_preview_has_a_quiet_link(member, contract_of):
    contract = contract_of("draft")
    page = signed_in(member("viewer")).get(f"/contracts/{contract.number}/")
    assert f'<a href="{page_of(contract)}">Evidence</a>' in page.text


@pytest.mark.parametrize("spoil", ["missing", "changed"])
def test_no_half_bundle_where_a_file_cannot_be_read(member, contract_of, files, spoil):
    contract = contract_of("order contract")
    file = files / documents.path_of(contract.documents.get(kind="draft").sha256)
    file.unlink()
    if spoil == "changed":
        file.write_bytes(b"%PDF-1.7 another")
    page = signed_in(member("owner")).get(page_of(contract))
    assert page.status_code == 503
    assert page["Content-Type"].startswith("text/html")
    answer = Api(member("owner")).get(f"contracts/{contract.number}/evidence/")
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert answer["Content-Type"] == "application/problem+json"
    assert member_of("Finance").get(record_of(contract)).status_code == 503
