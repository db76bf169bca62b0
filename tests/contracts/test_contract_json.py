"""What a contract says has one canonical form: the same bytes when it is drafted and from its rows ever after (R36)."""

import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import rfc8785
from django.db import models, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, Issuer
from common.money import minor_units, plain_amount
from contracts.documents.canonical import canonical_bytes, contract_json, recorded_sha256
from contracts.models import ClauseVersion, Contract, ContractOrder
from contracts.models.contract import new_number, new_verification_code
from contracts.pdf.snapshot import ClauseText
from contracts.services import apply_for_contract, convert_to_official
from tests.factories import AccountFactory, PaidOrderFactory, draft, member, official
from tests.tampering import guards_lifted

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R36")]
VECTOR = (
    '{"applied_at":"2026-11-22T04:00:00.000500+00:00","clause_version":3,"clauses":['
    '{"en":{"heading":"Delivery","text":"{count} orders"},"zh-hans":{"heading":"交付","text":"{count} 笔订单"}}],'
    '"currency":"KWD","expires_at":"2026-11-28T03:00:00+00:00","format":"electronic-contract","language":"both",'
    '"number":"EC2345","order_count":1,"orders":[{"number":"FO1","payable_amount":"10.500"}],'
    '"party_a":{"account_number":"20000001","name":"云杉 \\"A\\""},"party_b":{"name":"云帆"},'
    '"remittance_account":{"account_number":"12190000","exclusive":true},"time_zone":"Asia/Shanghai",'
    '"total_amount":"10.500","type":"payment_request","valid_from":null,"valid_until":"2026-11-28T03:00:00+00:00",'
    '"verification_code":"ABCD-EFGH-JK","verification_url":"https://contracts.example.com/verify/?code=ABCDEFGHJK",'
    '"version":1}'
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
CHARACTERS = st.characters(exclude_categories=["Cs"])
OF_THE_BASIC_PLANE = st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF)
FACTS = TEXTS | st.integers(0, 2**31) | st.none()
STORED = [field.name for field in Contract._meta.concrete_fields if field.name != "status"]  # which is protected
TIMES = st.datetimes(datetime(2000, 1, 2), datetime(2100, 1, 1), timezones=st.timezones())  # noqa: DTZ001 - naive bounds


@pytest.fixture
def actor(issuer):
    return member()


@pytest.fixture
def orders(db):
    account = AccountFactory()
    return [PaidOrderFactory(account=account) for _ in range(3)]


@pytest.mark.rule("R35")
def test_an_order_without_optional_facts_has_no_members_for_them(actor):
    without = json.loads(from_rows(draft(actor)))["orders"][0]
    assert without.keys() == {
        *("number", "product_name", "kind", "configuration", "region", "quantity", "list_amount", "payable_amount"),
        *("ordered_at", "payment_deadline", "paid_at", "service_start", "service_end"),
    }
    stated = {"unit": "GB", "tax_rate": Decimal("13.0000"), "tax_amount": Decimal("124.31"), "cost_center": "R&D"}
    order = PaidOrderFactory(account=actor.account, metadata={"a": "b"}, external_id="1", **stated)
    contract = apply_for_contract(type="order", order_numbers=[order.number], by=actor)
    line = json.loads(from_rows(contract))["orders"][0]
    added = {name: line[name] for name in line.keys() - without.keys()}
    assert added == {"unit": "GB", "tax_rate": "13", "tax_amount": "124.31", "cost_center": "R&D"}


def from_rows(contract: Contract) -> bytes:
    stored = Contract.objects.get(pk=contract.pk)
    return contract_json(stored, [line.snapshot for line in stored.lines.all()])


def test_the_form_never_changes():
    """Were this vector to change, every contract that exists would be called changed."""
    clauses = ClauseVersion(version=3)
    clauses.known_texts = (ClauseText("Delivery", "{count} orders", "交付", "{count} 笔订单"),)
    ends = datetime.fromisoformat("2026-11-28T11:00:00+08:00")
    contract = Contract(
        number="EC2345",
        type="payment_request",
        language="both",
        currency="KWD",
        total_amount=Decimal("10.5"),
        order_count=1,
        verification_code="ABCDEFGHJK",
        verification_url="https://contracts.example.com/verify/?code=ABCDEFGHJK",
        party_a={"name": '云杉 "A"', "account_number": "20000001"},
        party_b={"name": "云帆"},
        remittance_account={"exclusive": True, "account_number": "12190000"},
        time_zone="Asia/Shanghai",
        applied_at=datetime.fromisoformat("2026-11-22T12:00:00.000500+08:00"),
        official_at=ends,
        valid_from=ends,
        valid_until=ends,
        expires_at=ends,
        clause_version=clauses,
    )
    assert contract_json(contract, [{"payable_amount": "10.500", "number": "FO1"}]).decode() == VECTOR


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(CHARACTERS),
        lambda values: st.lists(values) | st.dictionaries(st.text(OF_THE_BASIC_PLANE), values),
        max_leaves=20,
    )
)
def test_the_canonical_form_is_that_of_the_standard(value):
    assert canonical_bytes(value) == rfc8785.dumps(value)


def test_half_a_character_has_no_canonical_form():
    with pytest.raises(ValueError, match="surrogates"):
        canonical_bytes({"name": "\ud800"})


@pytest.mark.parametrize("type_", ["order", "payment_request"])
@pytest.mark.parametrize("language", Contract.Language)
def test_a_draft_has_the_hash_of_its_rows_and_keeps_it(actor, type_, language):
    contract = draft(actor, type=type_, language=language, count=3)
    content = from_rows(contract)
    assert hashlib.sha256(content).hexdigest() == recorded_sha256(contract)
    assert content == rfc8785.dumps(json.loads(content))
    convert_to_official(contract=contract, by=actor)
    assert from_rows(contract) == content


def test_it_says_what_the_contract_says(actor):
    contract = draft(actor, type="payment_request", count=2)
    said = json.loads(from_rows(contract))
    assert [order["number"] for order in said["orders"]] == contract.order_numbers
    assert said["orders"] == [line.snapshot for line in contract.lines.all()]
    assert said["total_amount"] == plain_amount(contract.total_amount, "CNY")
    assert said["party_a"]["account_number"] == actor.account.number
    assert said["remittance_account"] == contract.remittance_account
    assert [clause.keys() - {"set_apart"} for clause in said["clauses"]] == [{"en"}] * len(
        contract.clause_version.texts()
    )
    assert [clause["en"]["heading"] for clause in said["clauses"] if "set_apart" in clause] == ["Liability"]
    times = [said["applied_at"], said["expires_at"], *(order["ordered_at"] for order in said["orders"])]
    assert {datetime.fromisoformat(time).utcoffset() for time in times} == {UTC.utcoffset(None)}


@pytest.mark.rule("R23")
def test_nothing_outside_the_contract_changes_it(actor, settings, monkeypatch):
    contract = official(actor, type="payment_request")
    before = from_rows(contract)
    settings.SITE_URL = "https://moved.example.com"
    Account.objects.update(time_zone="Pacific/Chatham", certified_name="Renamed")
    with guards_lifted():
        models.QuerySet(Issuer).update(name="Renamed")
    monkeypatch.setattr("common.money.quantise", lambda amount, currency: amount.quantize(Decimal(1)))
    assert from_rows(contract) == before


@given(
    party=st.dictionaries(TEXTS, TEXTS, max_size=4),
    lines=st.lists(
        st.dictionaries(TEXTS, TEXTS | st.integers(0, 2**31) | st.none(), max_size=4), min_size=1, max_size=3
    ),
    currency=st.sampled_from(["CNY", "JPY", "KWD"]),
    units=st.integers(0, 10**15),
    at=TIMES,
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_saving_and_reading_changes_no_byte(issuer, orders, party, lines, currency, units, at):
    amount = Decimal(units).scaleb(-minor_units(currency))
    frozen = [line | {"payable_amount": plain_amount(amount, currency)} for line in lines]
    with transaction.atomic():
        contract = Contract(
            account=orders[0].account,
            type="order",
            currency=currency,
            total_amount=amount * len(lines),
            order_count=len(lines),
            order_numbers=[],
            number=new_number(),
            verification_code=new_verification_code(),
            verification_url="https://contracts.example.com/",
            time_zone="Asia/Shanghai",
            party_a=party,
            party_b=dict(reversed(party.items())),
            issuer_version=issuer,
            clause_version=ClauseVersion.objects.first(),
            applied_at=at,
            valid_from=at,
            valid_until=at,
        )
        before = contract_json(contract, frozen)
        contract.save()
        ContractOrder.objects.bulk_create(
            ContractOrder(contract=contract, order=order, snapshot=line)
            for order, line in zip(orders, frozen, strict=False)
        )
        assert from_rows(contract) == before
        contract.refresh_from_db(fields=STORED)
        assert contract_json(contract, frozen) == before
        transaction.set_rollback(True)
