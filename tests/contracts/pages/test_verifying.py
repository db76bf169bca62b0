"""Verifying by code: anybody may, and learns the public facts and nothing else (R21)."""

import re
from datetime import timedelta

import pytest

from contracts.models import ContractDocument
from contracts.snapshots import printed_code


def facts(client, code: str) -> str:
    return client.get("/verify/", {"code": code}).text


def test_an_official_contract_is_confirmed_without_signing_in(client, official):
    text = facts(client, official.verification_code)

    assert "This is an official contract in force" in text
    assert official.number in text
    assert "Active official contract" in text
    assert official.documents.get(kind=ContractDocument.Kind.OFFICIAL).sha256 in text


def test_dashes_spaces_and_case_do_not_matter(client, official):
    code = printed_code(official.verification_code)

    assert official.number in facts(client, f"  {code.lower().replace('-', ' ')} ")
    assert official.number in facts(client, code)


def test_nothing_else_is_told(client, official):
    text = facts(client, official.verification_code)

    for secret in (*official.order_numbers, official.party_a["name"], official.party_a["email"], "1,080.50"):
        assert secret not in text


def test_a_draft_is_called_a_draft_and_has_no_sealed_document(client, draft):
    text = facts(client, draft().verification_code)

    assert "This is a draft, not an official contract" in text
    assert not re.search(r"\b[0-9a-f]{64}\b", text)


@pytest.mark.rule("R21")
def test_a_contract_past_its_time_is_no_longer_valid_before_the_clock_has_run(client, draft, clock):
    contract = draft("payment_request")
    clock.shift(timedelta(days=8))

    assert "This contract is no longer valid" in facts(client, contract.verification_code)


def test_a_voided_contract_is_called_so(client, voided):
    assert "This contract was voided" in facts(client, voided.verification_code)


@pytest.mark.parametrize("code", ["ABCD-EFGH", "", "%"])
@pytest.mark.django_db
def test_an_unknown_code_is_answered_clearly(client, code):
    text = facts(client, code)

    assert ("No contract has this code" in text) == bool(code.strip())
    assert "This is" not in text
