"""The seal signs each state of a contract's bundle once; without a seal nothing is half done."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from common.errors import Refused
from contracts import evidence, services
from contracts.evidence import signing
from contracts.models import Contract, EvidenceSignature, SealKey
from contracts.sealing.key import configured_seal
from tests import factories
from tests.conftest import Api
from tests.contracts.pages.conftest import signed_in
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


def refusal(contract: Contract) -> str:
    with pytest.raises(Refused) as refused:
        evidence.bundle(contract)
    return refused.value.code


@pytest.mark.parametrize("kind", ["draft", "order contract"])
def test_a_state_is_signed_once_whoever_downloads_it(contract_of, membership, kind):
    contract = contract_of(kind)
    viewer = MembershipFactory(account=membership.account, role="viewer")
    answers = [
        signed_in(membership).get(f"/contracts/{contract.number}/evidence/").content,
        signed_in(viewer).get(f"/contracts/{contract.number}/evidence/").content,
        Api(viewer).get(f"contracts/{contract.number}/evidence/").content,
        evidence.bundle(contract, voided_too=True),
    ]
    assert len(set(answers)) == 1
    assert EvidenceSignature.objects.count() == 1


def test_a_new_state_is_signed_anew(contract_of, actor):
    contract = contract_of("draft")
    evidence.bundle(contract)
    services.edit_remarks(contract=contract, remarks="Checked", by=actor)
    evidence.bundle(contract)
    assert EvidenceSignature.objects.count() == 2


@pytest.mark.rule("R37")
def test_the_key_is_pinned_before_it_signs_a_bundle(contract_of):
    contract = contract_of("draft")
    assert not SealKey.objects.exists()
    evidence.bundle(contract)
    assert SealKey.objects.get().fingerprint == configured_seal().fingerprint


def test_without_a_seal_there_is_no_bundle(actor, membership, use_seal, clock):
    use_seal(ends=timedelta(days=1))
    contract = factories.draft(actor)
    clock.shift(timedelta(days=2))
    assert refusal(contract) == "seal_unavailable"
    answer = Api(membership).get(f"contracts/{contract.number}/evidence/")
    assert (answer.status_code, answer.json()["code"]) == (503, "seal_unavailable")
    assert signed_in(membership).get(f"/contracts/{contract.number}/evidence/").status_code == 503
    assert not EvidenceSignature.objects.exists()


def test_what_was_signed_stays_available_after_the_seal_has_ended(actor, use_seal, clock):
    use_seal(ends=timedelta(days=1))
    contract = factories.draft(actor)
    before = evidence.bundle(contract)
    clock.shift(timedelta(days=2))
    assert evidence.bundle(contract) == before


def test_a_wrong_signature_of_the_device_is_not_stored(contract_of, monkeypatch):
    class WrongKey:
        def sign(self, data: bytes) -> bytes:
            return ec.generate_private_key(ec.SECP256R1()).sign(data, ec.ECDSA(hashes.SHA256()))

    contract = contract_of("draft")
    monkeypatch.setattr(configured_seal().signer, "key", WrongKey())
    assert refusal(contract) == "seal_unavailable"
    assert not EvidenceSignature.objects.exists()


def test_no_bundle_is_signed_while_the_clock_is_wrong(contract_of, clock):
    contract = contract_of("draft")
    clock.shift(timedelta(days=-3))
    assert refusal(contract) == "seal_unavailable"


def test_a_stored_signature_that_was_changed_is_replaced(contract_of, caplog):
    contract = contract_of("draft")
    evidence.bundle(contract)
    [stored] = EvidenceSignature.objects.all()
    changed = bytes(stored.signature)[:-1] + b"?"
    EvidenceSignature.objects.update(signature=changed)
    bundle = evidence.bundle(contract)
    assert changed not in bundle
    assert bytes(EvidenceSignature.objects.get().signature) in bundle
    assert "not valid" in caplog.text
    assert evidence.bundle(contract) == bundle


def test_of_two_signatures_made_at_once_the_first_counts(contract_of, monkeypatch):
    contract = contract_of("draft")
    sign, bundles = signing.sign_detached, []

    def sign_after_another(content, **options):
        monkeypatch.setattr(signing, "sign_detached", sign)
        bundles.append(evidence.bundle(contract))
        return sign(content, **options)

    monkeypatch.setattr(signing, "sign_detached", sign_after_another)
    bundles.append(evidence.bundle(contract))
    assert bundles[0] == bundles[1]
