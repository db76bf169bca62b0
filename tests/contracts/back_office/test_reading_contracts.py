"""Staff find any contract, and read all of it: facts, files (voided ones too), orders as they are now, history."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.access.actors import actor_of
from contracts import services
from contracts.documents import files as documents
from contracts.models import Contract
from tests import factories
from tests.contracts.back_office.legal import holder_of, member_of, text_of

pytestmark = pytest.mark.django_db
LIST = "/admin/contracts/contract/"
MOST_FOR_A_RECORD = 16


@pytest.fixture
def finance(issuer):
    return member_of("Finance")


@pytest.fixture
def actor(membership):
    return actor_of(membership, "page")


def found(client, **query) -> list[Contract]:
    return sorted(client.get(LIST, query).context["cl"].result_list, key=lambda contract: contract.pk)


@pytest.fixture
def contracts(actor) -> dict[str, Contract]:
    """One of each status."""
    invalid = factories.draft(actor, type="payment_request")
    order = invalid.lines.get().order
    order.cancel(at=timezone.now())
    order.save()
    services.invalidate_due(now=timezone.now())
    ticket = services.request_void(contract=factories.official(actor), reason="renamed", by=actor)
    return {
        "draft": factories.draft(actor),
        "official": factories.official(actor, count=2),
        "voided": services.approve_void(ticket=ticket, by=factories.staff()).contract,
        "invalid": invalid,
    }


@pytest.mark.rule("R17")
def test_by_number_order_account_and_verification_code(finance, actor, contracts):
    official = contracts["official"]
    other = factories.draft(factories.member())
    code = official.verification_code
    grouped = "-".join(code[i : i + 4] for i in range(0, len(code), 4))
    for term in (official.number, official.number.lower(), official.order_numbers[1], code, grouped):
        assert found(finance, q=f" {term} ") == [official], term
    assert found(finance, q=other.account.number) == [other]
    assert len(found(finance, q=official.account.number)) == 4
    assert found(finance, q="nothing of this name") == []
    assert found(finance, q="%") == []


@pytest.mark.rule("R21")
def test_by_status_as_it_is_now_whatever_the_clock_has_done(finance, actor, contracts, clock):
    for status, contract in contracts.items():
        assert found(finance, status=status) == [contract]
    lapsing = factories.official(actor, type="payment_request")
    assert found(finance, status="official") == [contracts["official"], lapsing]
    clock.shift(timedelta(days=8))
    assert Contract.objects.get(pk=lapsing.pk).status == "official"
    assert found(finance, status="official") == [contracts["official"]]
    assert found(finance, status="invalid") == [contracts["invalid"], lapsing]
    assert found(finance, type="payment_request") == [contracts["invalid"], lapsing]


def test_every_file_is_read_also_of_a_voided_contract(finance, contracts):
    contract = contracts["voided"]
    page = finance.get(reverse("admin:contracts_contract_change", args=[contract.pk]))
    for document in contract.documents.all():
        address = reverse("admin:contracts_contract_document", args=[contract.pk, document.kind])
        assert address in page.text
        assert document.sha256 in page.text
        answer = finance.get(address)
        assert answer.content == documents.read(document)
        assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
        assert "no-store" in answer["Cache-Control"]
    assert contract.documents.count() == 3
    saved = finance.get(reverse("admin:contracts_contract_document", args=[contract.pk, "official"]), {"download": 1})
    assert saved["Content-Disposition"] == f'attachment; filename="{contract.number}.pdf"'


def test_files_and_pages_are_for_those_who_may_read_contracts(contracts):
    contract = contracts["official"]
    reader = holder_of("view_voidticket", "view_contractdocument")
    assert reader.get(reverse("admin:contracts_contract_document", args=[contract.pk, "official"])).status_code == 403
    assert reader.get(reverse("admin:contracts_contract_page", args=[contract.pk, "official", 1])).status_code == 403


@pytest.mark.parametrize(("kind", "page"), [("official", 0), ("official", 99), ("void_certificate", 1), ("x", 1)])
def test_pages_that_are_not_there_are_not_found(finance, contracts, kind, page):
    answer = finance.get(reverse("admin:contracts_contract_page", args=[contracts["official"].pk, kind, page]))
    assert answer.status_code == 404


@pytest.mark.rule("R24")
@pytest.mark.rule("R27")
def test_the_record_tells_orders_of_now_and_the_whole_history(finance, contracts):
    contract = contracts["official"]
    order = contract.lines.first().order
    order.refund(at=timezone.now())
    order.save()
    said = text_of(finance.get(reverse("admin:contracts_contract_change", args=[contract.pk])))
    assert "Orders of this contract have been refunded or cancelled." in said
    assert said.count("Refunded") >= 2
    for what in ("Draft created", "Converted to official contract"):
        assert what in said
    assert contract.party_a["name"] in said
    voided = text_of(finance.get(reverse("admin:contracts_contract_change", args=[contracts["voided"].pk])))
    assert "Void request approved" in voided
    assert "renamed" in voided


@pytest.mark.rule("R23")
def test_the_record_is_read_from_the_snapshot(finance, contracts, membership):
    contract = contracts["official"]
    name = contract.party_a["name"]
    membership.account.certified_name = "改名后有限公司"
    membership.account.save()
    facts = text_of(finance.get(reverse("admin:contracts_contract_change", args=[contract.pk])))
    assert name in facts


def test_the_number_of_statements_does_not_grow_with_the_orders(finance, actor):
    def statements(contract: Contract) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert finance.get(reverse("admin:contracts_contract_change", args=[contract.pk])).status_code == 200
        return len(captured)

    assert statements(factories.official(actor, count=20)) == statements(factories.official(actor)) <= MOST_FOR_A_RECORD
