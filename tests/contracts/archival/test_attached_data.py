"""contract.json is attached to the document, and docs/contract.schema.json describes it (R36, R40)."""

import hashlib
import json
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from jsonschema import Draft202012Validator

from contracts.documents import files as documents
from contracts.documents.canonical import contract_json, recorded_sha256
from contracts.models import Contract, ContractDocument
from contracts.services import convert_to_official
from contracts.types import TYPES
from tests.contracts.archival.vera import failures
from tests.factories import RemittanceAccountFactory, draft, member

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R36")]
SCHEMA = json.loads((Path(__file__).parents[3] / "docs/contract.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
KINDS = ContractDocument.Kind


@pytest.fixture
def actor(issuer):
    return member()


def file_of(contract: Contract, kind: KINDS) -> bytes:
    return documents.read(documents.of_kind(contract, kind))


def attachment_of(pdf: bytes) -> bytes:
    with pikepdf.open(BytesIO(pdf)) as file:
        [specification] = file.Root.AF
        assert specification.AFRelationship == "/Data"
        assert specification.UF == "contract.json"
        assert specification.EF.F.Subtype == "/application/json"
        assert file.Root.Names.EmbeddedFiles.Names[1].objgen == specification.objgen
        content = specification.EF.F.read_bytes()
        parameters = specification.EF.F.Params
        assert int(parameters.Size) == len(content)
        assert bytes(parameters.CheckSum) == hashlib.md5(content).digest()
        return content


def test_the_draft_and_the_official_contract_contain_the_canonical_form(actor, api):
    contract = draft(actor, language="both", count=2)
    data = attachment_of(file_of(contract, KINDS.DRAFT))
    assert data == contract_json(contract, [line.snapshot for line in contract.lines.all()])
    assert hashlib.sha256(data).hexdigest() == recorded_sha256(contract)
    convert_to_official(contract=contract, by=actor)
    assert attachment_of(file_of(contract, KINDS.OFFICIAL)) == data


@pytest.mark.rule("R40")
def test_the_stored_files_conform(actor):
    contract = draft(actor, language="zh-hans", type="payment_request")
    convert_to_official(contract=contract, by=actor)
    assert failures(file_of(contract, KINDS.OFFICIAL)) == []


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["version"] == {"const": 1, "description": "Version of the format."}


@pytest.mark.parametrize("language", Contract.Language)
@pytest.mark.parametrize("type_", TYPES)
def test_every_contract_is_as_the_schema_says(actor, type_, language):
    RemittanceAccountFactory(account=actor.account)
    data = json.loads(attachment_of(file_of(draft(actor, type=type_, language=language, count=2), KINDS.DRAFT)))
    assert [error.message for error in VALIDATOR.iter_errors(data)] == []
    assert not undescribed(data, SCHEMA)


def test_a_wrong_contract_is_not_as_the_schema_says(actor):
    data = json.loads(attachment_of(file_of(draft(actor), KINDS.DRAFT)))
    for member_, value in {"total_amount": 1080.5, "type": "lease", "version": 2, "applied_at": "today"}.items():
        assert list(VALIDATOR.iter_errors(data | {member_: value})), member_
    assert list(VALIDATOR.iter_errors({name: value for name, value in data.items() if name != "orders"}))


def undescribed(value: object, schema: dict, path: str = "") -> list[str]:
    """The members that the schema does not describe."""
    for reference in [schema.get("$ref"), *(part.get("$ref") for part in schema.get("anyOf", ()))]:
        if reference and value is not None:
            return undescribed(value, SCHEMA["$defs"][reference.removeprefix("#/$defs/")], path)
    if isinstance(value, list):
        return [found for item in value for found in undescribed(item, schema["items"], f"{path}/*")]
    if not isinstance(value, dict):
        return []
    known = schema["properties"]
    missing = [f"{path}/{name}" for name in value if name not in known]
    return missing + [
        found
        for name, item in value.items()
        if name in known
        for found in undescribed(item, known[name], f"{path}/{name}")
    ]
