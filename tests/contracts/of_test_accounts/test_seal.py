"""Contracts of test accounts carry the seal of test accounts, whose key is never one of ours (R37, R48)."""

import stat
import subprocess
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from accounts.models import Account
from common.errors import Refused
from config.system_checks import SYSTEM_CHECKS
from contracts import sealing
from contracts.documents import files as documents
from contracts.models import AuditEvent, ContractDocument, SealKey, SealUse
from contracts.seal_keys import our_trust, pin_seal_key, trust_for
from contracts.sealing.of_test_accounts import (
    get_keys_of_test_accounts,
    trust_in_test_accounts,
    usable_seal_of_test_accounts,
)
from contracts.sealing.signer import fingerprint_of
from contracts.services import approve_void, convert_to_official, request_void
from contracts.trail.daily_seals import seal_trails
from contracts.trail.list_files import path_of
from tests import factories
from tests.contracts.pdf.reading import needs_poppler

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R48")]


def file_of(contract, kind: str = "official") -> bytes:
    return documents.read(documents.of_kind(contract, ContractDocument.Kind(kind)))


def signer_of(sealed: bytes) -> str:
    [signature] = PdfFileReader(BytesIO(sealed)).embedded_signatures
    return fingerprint_of(signature.signer_cert)


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


class TestCommand:
    def test_it_makes_private_files_also_in_production(self, no_seal_of_test_accounts, settings):
        settings.DEBUG = settings.SEAL_ALLOW_TEST = False
        with pytest.raises(CommandError):
            call_command("init_seal")
        printed("init_seal", "--test-accounts")
        folder = no_seal_of_test_accounts / "seal" / "test-accounts"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
        assert made == dict.fromkeys(("ca.pem", "ca-key.pem", "seal.p12"), 0o600)
        assert "TEST, NOT LEGALLY BINDING" in usable_seal_of_test_accounts().subject

    def test_again_keeps_the_key_and_force_renews_it(self, no_seal_of_test_accounts):
        printed("init_seal", "--test-accounts")
        first = usable_seal_of_test_accounts().fingerprint
        assert "Kept" in printed("init_seal", "--test-accounts")
        assert usable_seal_of_test_accounts().fingerprint == first
        printed("init_seal", "--test-accounts", "--force")
        second = usable_seal_of_test_accounts().fingerprint
        assert first != second
        assert trust_in_test_accounts().keys == {first, second}

    def test_it_leaves_the_contract_seal_alone(self, no_seal_of_test_accounts, settings):
        before = Path(settings.SEAL_P12).read_bytes()
        printed("init_seal", "--test-accounts", "--force")
        assert Path(settings.SEAL_P12).read_bytes() == before


def test_official_contract_and_void_certificate_are_sealed_with_it(trial, tester):
    ticket = request_void(contract=trial, reason="Trial", by=tester)
    approve_void(ticket=ticket, by=factories.staff())
    key = usable_seal_of_test_accounts().fingerprint
    assert {signer_of(file_of(trial, kind)) for kind in ("official", "void_certificate")} == {key}
    assert set(SealUse.objects.values_list("fingerprint", "level")) == {(key, "B-B")}


def test_others_are_sealed_with_ours(actor):
    assert signer_of(file_of(factories.official(actor))) in our_trust().keys


@pytest.mark.rule("R37")
def test_its_key_is_never_one_of_ours(trial):
    [key] = get_keys_of_test_accounts()
    assert not SealKey.objects.filter(fingerprint=key)
    assert key not in our_trust().keys
    assert trust_for(is_test=True).keys == {key}
    assert not set(trust_for(is_test=True).roots) & set(our_trust().roots)


@pytest.mark.rule("R37")
def test_not_even_if_it_is_configured_as_the_contract_seal(settings, actor):
    settings.SEAL_P12 = str(settings.DATA_DIR / "seal" / "test-accounts" / "seal.p12")
    [key] = get_keys_of_test_accounts()
    assert key not in our_trust().keys
    with pytest.raises(sealing.SealUnavailable, match="test accounts"):
        pin_seal_key()
    draft = factories.draft(actor)
    with pytest.raises(Refused) as caught:
        convert_to_official(contract=draft, by=actor)
    assert caught.value.code == "seal_unavailable"
    assert not SealKey.objects.exists()


def test_without_it_the_contract_stays_a_draft_and_others_do_not_need_it(no_seal_of_test_accounts, tester, actor):
    draft = factories.draft(tester)
    with pytest.raises(Refused, match="test accounts") as caught:
        convert_to_official(contract=draft, by=tester)
    assert (caught.value.code, caught.value.status) == ("seal_unavailable", 503)
    draft.refresh_from_db(fields=["official_at"])
    assert draft.official_at is None
    assert not SealUse.objects.exists()
    assert factories.official(actor).status == "official"


def test_an_expired_one_seals_nothing(trial, tester, clock):
    draft = factories.draft(tester)
    clock.move_to("2029-06-01T12:00:00+08:00")
    with pytest.raises(sealing.SealUnavailable, match="--test-accounts --force"):
        usable_seal_of_test_accounts()
    assert draft.is_test


def test_files_of_a_renewed_key_stay_valid(no_seal_of_test_accounts, tester):
    printed("init_seal", "--test-accounts")
    before = factories.official(tester)
    printed("init_seal", "--test-accounts", "--force")
    after = factories.official(tester)
    for contract in (before, after):
        document = documents.of_kind(contract, ContractDocument.Kind.OFFICIAL)
        record = sealing.SealRecord(document.created_at, document.level)
        sealing.validate_seal(
            file_of(contract), draft=file_of(contract, "draft"), trusted=trust_for(is_test=True), record=record
        )


def test_timestamps_are_for_real_contracts_alone(settings, tester):
    """A trial costs no timestamp, and does not fail with the timestamp server."""
    settings.SEAL_TSA_URL, settings.SEAL_LEVEL = "http://127.0.0.1:9/", "B-T"
    assert documents.of_kind(factories.official(tester), ContractDocument.Kind.OFFICIAL).level == "B-B"


def test_pyhanko_trusts_it_under_its_own_root_and_not_under_ours(trial):
    [signature] = PdfFileReader(BytesIO(file_of(trial))).embedded_signatures
    statuses = [
        validate_pdf_signature(signature, ValidationContext(trust_roots=list(trusted.roots), allow_fetching=False))
        for trusted in (trust_for(is_test=True), our_trust())
    ]
    assert [(status.intact, status.valid, status.trusted) for status in statuses] == [
        (True, True, True),
        (True, True, False),
    ]


@needs_poppler
def test_pdfsig_calls_the_signature_valid_and_names_its_owner(trial, tmp_path):
    path = tmp_path / "official.pdf"
    path.write_bytes(file_of(trial))
    shown = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=True).stdout
    assert "Signature is Valid" in shown
    assert "Total document signed" in shown
    assert "for test accounts (TEST, NOT LEGALLY BINDING)" in shown


def test_the_daily_list_is_sealed_with_ours_and_covers_test_contracts(trial, own_files):
    seal = seal_trails(now=timezone.now())
    assert seal
    with default_storage.open(path_of(seal.number, seal.sha256)) as file:
        lines = file.read().decode()
    assert f"head {trial.number} " in lines
    [use] = SealUse.objects.filter(purpose="daily_list")
    assert use.fingerprint in our_trust().keys
    assert f"key {use.fingerprint}" in lines
    assert not any(f"key {key}" in lines for key in get_keys_of_test_accounts())


class TestChecks:
    def test_check_seal_is_silent_without_a_test_account(self, no_seal_of_test_accounts, issuer):
        assert "test accounts" not in printed("check_seal")

    def test_check_seal_warns_of_a_missing_key_if_there_is_a_test_account(self, no_seal_of_test_accounts, tester):
        shown = printed("check_seal")
        assert "warning  Contracts of test accounts cannot be sealed" in shown
        assert "init_seal --test-accounts" in shown
        assert "The contract seal works." in shown

    def test_check_system_warns_too(self, no_seal_of_test_accounts, tester):
        assert "init_seal --test-accounts" in SYSTEM_CHECKS["seal"].run()

    def test_explain_names_it(self, no_seal_of_test_accounts, tester, actor):
        assert "init_seal --test-accounts" in printed("explain", factories.draft(tester).number)
        assert "test accounts" not in printed("explain", factories.draft(actor).number)

    def test_both_confirm_a_key_that_works(self, tester):
        assert "ok  The seal of test accounts works." in printed("check_seal")


@pytest.mark.rule("R27")
def test_the_trail_is_that_of_any_contract(trial):
    kinds = list(AuditEvent.objects.filter(contract=trial).order_by("position").values_list("kind", flat=True))
    assert kinds == ["drafted", "converted"]
    assert Account.objects.get().is_test
