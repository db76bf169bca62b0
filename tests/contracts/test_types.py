"""A contract type is an object, and everything else asks it (contracts/types/)."""

import re
from pathlib import Path

import pytest

from contracts.models import Contract
from contracts.types import TYPES
from tests.factories import draft, member

ROOT = Path(__file__).parents[2]
FOLDERS = ("api", "contracts", "orders", "templates")
ASKS_WHICH = re.compile(
    rf"payment_?request|\bis_payment|\bfor_payment|\btype_?(__in)? *[!=]?=.?[\"'](({'|'.join(TYPES)})[\"'])"
)
"""A flag, or a stored value, which Python calls by name and templates compare with."""


def sources() -> list[Path]:
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".html")]
    return [path for path in files if "migrations" not in path.parts and ROOT / "contracts/types" not in path.parents]


def test_nothing_outside_the_types_asks_which_type_it_is():
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sources()
        for line in path.read_text().splitlines()
        if ASKS_WHICH.search(line)
    ]
    assert found == []


@pytest.mark.rule("R19")
@pytest.mark.rule("R20")
@pytest.mark.parametrize("type_", TYPES.values(), ids=str)
@pytest.mark.django_db
def test_a_draft_has_what_its_type_says(issuer, type_):
    contract = Contract.objects.get(pk=draft(member(), type=type_.value, count=2).pk)
    assert contract.contract_type is type_
    assert (contract.valid_from, contract.valid_until) == type_.valid_period(
        [line.order for line in contract.lines.all()]
    )
    assert contract.expires_at == (contract.valid_until if type_.expires else None)
    assert (contract.remittance_account is not None) == type_.asks_for_payment


@pytest.mark.parametrize("type_", TYPES.values(), ids=str)
def test_types_are_complete(type_):
    assert TYPES[type_.value] is type_
    assert bool(type_.expiry_explanation) == type_.expires
    assert type_.accepted_statuses
    assert len(type_.value) <= Contract._meta.get_field("type").max_length
