"""A test account's document is never authentic; its verdict is `test`, by file and by code (R48)."""

from io import BytesIO

import pytest

from contracts import sealing
from contracts.documents import files as documents
from contracts.models import ContractDocument
from contracts.services import approve_void, request_void
from contracts.verification.codes import verdict_of_code
from contracts.verification.file_verdict import verdict_of_file
from contracts.verification.headlines import headline_of_code, headline_of_file
from tests import factories
from tests.conftest import Api
from tests.contracts.verification.conftest import codes, codes_of, file_of, with_white_box
from tests.tampering import guards_lifted

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R48")]


def sealed_anew(contract, *, is_test: bool) -> bytes:
    """Seal the contract's draft once more, with either key."""
    return sealing.seal(file_of(contract, "draft"), number=contract.number, issuer_name="Issuer", is_test=is_test)


def register_instead(contract, content: bytes) -> None:
    """Replace the registered official file, as somebody could who can change the database and the storage."""
    with guards_lifted():
        old = documents.of_kind(contract, ContractDocument.Kind.OFFICIAL)
        at, level = old.created_at, old.level
        old.delete()
        documents.store(contract, ContractDocument.Kind.OFFICIAL, content, at=at, level=level)


class TestFiles:
    def test_the_test_key_on_a_test_contract(self, trial):
        verdict = verdict_of_file(file_of(trial))
        assert (verdict.authentic, verdict.in_force, verdict.is_test) == (False, False, True)
        assert codes_of(verdict) == ["test"]
        assert (verdict.number, verdict.status) == (trial.number, "official")
        assert headline_of_file(verdict).tone == "careful"

    def test_its_draft(self, tester):
        assert codes(file_of(factories.draft(tester), "draft")) == ["test", "draft"]

    def test_its_void_certificate(self, trial, tester):
        ticket = request_void(contract=trial, reason="Trial", by=tester)
        approve_void(ticket=ticket, by=factories.staff())
        verdict = verdict_of_file(file_of(trial, "void_certificate"))
        assert not verdict.authentic
        assert codes_of(verdict) == ["test", "void_certificate", "voided"]

    def test_something_was_appended_to_it(self, trial):
        verdict = verdict_of_file(with_white_box(file_of(trial)))
        assert not verdict.authentic
        assert codes_of(verdict) == ["appended", "test"]

    def test_the_test_key_on_a_real_contract_that_is_not_registered(self, actor):
        """A forgery: somebody has the key of test accounts, and a true draft."""
        verdict = verdict_of_file(sealed_anew(factories.official(actor), is_test=True))
        assert not verdict.authentic
        assert codes_of(verdict) == ["not_ours"]
        assert (verdict.number, verdict.is_test) == (None, False)

    def test_the_test_key_on_a_real_contract_that_is_registered(self, actor):
        contract = factories.official(actor)
        register_instead(contract, sealed_anew(contract, is_test=True))
        verdict = verdict_of_file(file_of(contract))
        assert not verdict.authentic
        assert codes_of(verdict) == ["not_ours"]

    def test_the_real_key_on_a_test_contract_that_is_registered(self, trial):
        register_instead(trial, sealed_anew(trial, is_test=False))
        verdict = verdict_of_file(file_of(trial))
        assert not verdict.authentic
        assert codes_of(verdict) == ["not_ours", "test"]

    def test_the_real_key_on_a_test_contract_that_is_not_registered(self, trial, actor):
        factories.official(actor)  # pins our key
        verdict = verdict_of_file(sealed_anew(trial, is_test=False))
        assert not verdict.authentic
        assert codes_of(verdict) == ["not_registered"]

    def test_the_test_key_on_a_test_contract_that_is_not_registered(self, trial):
        """Of an interrupted conversion, or forged: nothing of it is known."""
        verdict = verdict_of_file(sealed_anew(trial, is_test=True))
        assert not verdict.authentic
        assert codes_of(verdict) == ["not_ours"]

    def test_the_real_key_on_a_real_contract(self, actor, tester):
        factories.official(tester)
        verdict = verdict_of_file(file_of(factories.official(actor)))
        assert (verdict.authentic, verdict.is_test) == (True, False)
        assert codes_of(verdict) == ["sealed"]

    def test_real_files_are_verified_without_the_seal_of_test_accounts(self, actor, no_seal_of_test_accounts):
        assert codes(file_of(factories.official(actor))) == ["sealed"]

    def test_a_broken_file_of_that_seal_disturbs_no_real_one(self, actor, no_seal_of_test_accounts):
        folder = no_seal_of_test_accounts / "seal" / "test-accounts"
        folder.mkdir(parents=True)
        (folder / "seal.p12").write_bytes(b"broken")
        assert codes(file_of(factories.official(actor))) == ["sealed"]


class TestCodes:
    def test_of_a_test_contract(self, trial):
        verdict = verdict_of_code(trial.verification_code)
        assert verdict
        assert (verdict.authentic, verdict.in_force, verdict.is_test) == (False, False, True)
        assert codes_of(verdict) == ["test"]
        assert (verdict.number, verdict.sha256) == (trial.number, trial.documents.get(kind="official").sha256)
        assert headline_of_code(verdict).tone == "careful"

    def test_of_its_draft(self, tester):
        verdict = verdict_of_code(factories.draft(tester).verification_code)
        assert verdict
        assert codes_of(verdict) == ["test", "draft"]

    def test_of_a_real_contract(self, actor):
        verdict = verdict_of_code(factories.official(actor).verification_code)
        assert verdict
        assert (verdict.authentic, verdict.is_test) == (True, False)
        assert codes_of(verdict) == ["sealed"]


class TestApiAndPage:
    def test_the_api_says_so(self, trial):
        by_code = Api().get(f"verify/{trial.verification_code}/").json()
        upload = {"file": BytesIO(file_of(trial))}
        by_file = Api().client.post("/api/v1/verify/", upload).json()
        for answer in (by_code, by_file):
            assert answer["authentic"] is False
            assert [finding["code"] for finding in answer["findings"]] == ["test"]

    def test_it_says_that_others_are_not(self, actor):
        answer = Api().get(f"verify/{factories.official(actor).verification_code}/").json()
        assert answer["authentic"] is True
        assert [finding["code"] for finding in answer["findings"]] == ["sealed"]

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_the_page_shows_the_mark_and_no_sign_of_authenticity(self, client, trial, language):
        client.cookies["django_language"] = language
        shown = client.get("/verify/", {"code": trial.verification_code}).content.decode()
        assert 'class="test-mark"' in shown
        assert "verdict-good" not in shown
        assert 'class="found-good"' not in shown
