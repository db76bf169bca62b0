"""Each signature by the seal's key is in the ledger of uses, also if its document was not stored."""

import hashlib
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.errors import Refused
from contracts import evidence, sealing, services
from contracts.health.seal_check import check_the_seal
from contracts.models import Contract, EvidenceSignature, SealUse, TrailSeal
from contracts.sealing.key import usable_seal
from contracts.services import convert
from contracts.trail.check_uses import check_uses, find_spare_uses, reconcile
from contracts.trail.daily_seals import seal_trails
from tests.contracts.archive.asking import told
from tests.factories import draft, official, staff
from tests.tampering import tamper

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R27"), pytest.mark.usefixtures("clock")]
Purpose = SealUse.Purpose
COUNTED = "Each sealed document has exactly one use of the seal's key"


def uses(purpose: SealUse.Purpose) -> list[SealUse]:
    return list(SealUse.objects.filter(purpose=purpose).order_by("pk"))


def void(contract, actor, by) -> Contract:
    ticket = services.request_void(contract=contract, reason="Wrong orders", by=actor)
    return services.approve_void(ticket=ticket, by=by).contract


class TestAUseIsRecorded:
    def test_of_a_conversion(self, actor):
        contract = official(actor)

        [use] = uses(Purpose.CONTRACT)
        files = {one.kind: one for one in contract.documents.all()}
        assert (use.contract, use.actor_id, use.source) == (contract, actor.user_id, "page")
        assert (use.content_sha256, use.output_sha256) == (files["draft"].sha256, files["official"].sha256)
        assert (use.level, use.fingerprint, use.at) == ("B-B", usable_seal().fingerprint, timezone.now())

    def test_of_a_void_certificate(self, actor):
        decider = staff()
        contract = void(official(actor), actor, decider)

        [use] = uses(Purpose.VOID_CERTIFICATE)
        assert use.output_sha256 == contract.documents.get(kind="void_certificate").sha256
        assert (use.contract, use.actor_id, use.source, use.level) == (contract, decider.user_id, "admin", "B-B")

    def test_of_a_daily_list(self, actor):
        official(actor)
        seal = seal_trails(now=timezone.now())

        [use] = uses(Purpose.DAILY_LIST)
        assert (use.content_sha256, use.output_sha256) == (seal.sha256, seal.signature_sha256)
        assert (use.contract, use.actor_id, use.source) == (None, None, "clock")

    def test_of_a_bundle_once_for_each_state(self, actor):
        contract = draft(actor)
        evidence.bundle(contract, by=actor)
        evidence.bundle(contract, by=actor)

        [use] = uses(Purpose.BUNDLE)
        signature = EvidenceSignature.objects.get()
        assert use.content_sha256 == signature.pk
        assert use.output_sha256 == hashlib.sha256(bytes(signature.signature)).hexdigest()
        assert (use.contract, use.actor_id) == (contract, actor.user_id)

    def test_of_a_check(self, issuer):
        check_the_seal(now=timezone.now())

        [use] = uses(Purpose.CHECK)
        assert (use.contract, use.source, use.level) == (None, "clock", "B-B")

    def test_with_one_statement(self, actor):
        contract = draft(actor)
        with CaptureQueriesContext(connection) as captured:
            services.convert_to_official(contract=contract, by=actor)
        assert len([query for query in captured if "contracts_sealuse" in query["sql"]]) == 1


class TestAUseWithoutADocument:
    def test_is_recorded_if_the_conversion_is_refused_after_sealing(self, actor, monkeypatch):
        contract = draft(actor)

        def refuse(*_args: object, **_kwargs: object) -> None:
            raise Refused("order_changed", "The order was refunded meanwhile.")

        monkeypatch.setattr(convert, "_make_official", refuse)
        with pytest.raises(Refused):
            services.convert_to_official(contract=contract, by=actor)

        assert [use.contract for use in find_spare_uses()] == [contract]
        assert list(check_uses()) == []

    def test_is_recorded_if_the_timestamp_server_fails(self, actor, settings):
        settings.SEAL_TSA_URL = "http://127.0.0.1:9/"
        contract = draft(actor)

        with pytest.raises(Refused):
            services.convert_to_official(contract=contract, by=actor)

        [use] = uses(Purpose.CONTRACT)
        assert (use.contract, use.output_sha256, use.level) == (contract, "", "")
        assert list(find_spare_uses()) == [use]

    def test_is_recorded_for_each_of_two_attempts(self, actor, settings):
        settings.SEAL_TSA_URL, settings.SEAL_TSA_FAILURE = "http://127.0.0.1:9/", "seal_without"
        official(actor)

        assert [(bool(use.output_sha256), use.level) for use in uses(Purpose.CONTRACT)] == [(False, ""), (True, "B-B")]
        assert told()[0] == []

    def test_is_recorded_if_a_list_cannot_be_stored(self, actor, monkeypatch):
        official(actor)
        with monkeypatch.context() as broken:
            broken.setattr(default_storage, "save", lambda *_args: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                seal_trails(now=timezone.now())

        assert not TrailSeal.objects.exists()
        assert list(find_spare_uses()) == uses(Purpose.DAILY_LIST) != []

    def test_is_counted_and_named_by_verify_archive(self, actor, monkeypatch):
        contract = draft(actor)
        with monkeypatch.context() as broken:
            broken.setattr(convert, "_make_official", lambda *_args, **_kwargs: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                services.convert_to_official(contract=contract, by=actor)
        out = StringIO()
        call_command("verify_archive", "--processes", "1", "--orphans", stdout=out)

        assert "1 uses of the seal's key, of which 1 without a document." in out.getvalue()
        assert f"for contract of {contract.number}: no document has it." in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_list_of_an_interrupted_run_is_registered_with_its_use(actor, monkeypatch):
    official(actor)

    class Killed(BaseException):
        pass

    def kill(*_args: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("contracts.trail.daily_seals._register", kill)
        dying.setattr("contracts.trail.daily_seals.save_seal_uses", lambda *_args, **_kwargs: None)
        with pytest.raises(Killed):
            seal_trails(now=timezone.now())
    assert not uses(Purpose.DAILY_LIST)

    seal = seal_trails(now=timezone.now())

    [use] = uses(Purpose.DAILY_LIST)
    assert (use.output_sha256, use.fingerprint) == (seal.signature_sha256, usable_seal().fingerprint)
    assert list(check_uses()) == []


class TestDifferencesAreNamed:
    @pytest.fixture
    def contract(self, actor) -> Contract:
        return void(official(actor), actor, staff())

    def test_of_a_sealed_document_without_a_use(self, contract):
        tamper("DELETE FROM contracts_sealuse WHERE purpose = 'contract'")

        [defect] = check_uses()
        assert (defect.where, defect.what) == (contract.number, COUNTED)
        assert reconcile(None, None).without_use == 1
        assert COUNTED in told()[0][0]

    def test_of_a_sealed_document_with_two_uses(self, contract):
        [use] = uses(Purpose.CONTRACT)
        use.pk = None
        use.save(force_insert=True)

        assert [defect.what for defect in check_uses()] == [COUNTED]

    def test_of_a_list_and_a_bundle_without_a_use(self, contract):
        seal_trails(now=timezone.now())
        evidence.bundle(contract, voided_too=True)
        tamper("DELETE FROM contracts_sealuse WHERE purpose IN ('daily_list', 'bundle')")

        assert [defect.what for defect in check_uses()] == [
            "Each daily list has a use of the seal's key",
            "Each signed bundle has a use of the seal's key",
        ]
        assert reconcile(None, None).without_use == 1

    def test_of_one_contract(self, contract, actor):
        official(actor)
        tamper("DELETE FROM contracts_sealuse WHERE purpose = 'contract'")

        assert len(list(check_uses())) == 2
        assert [defect.where for defect in check_uses(contract.number)] == [contract.number]


def test_the_reconciliation_counts_the_days_of_the_office(actor, clock):
    official(actor)
    clock.shift(timedelta(days=1))
    void(official(actor), actor, staff())
    seal_trails(now=timezone.now())
    today = timezone.localdate()

    assert reconcile(today, today) == (3, 0, 3, 0)
    assert reconcile(None, None) == (4, 0, 4, 0)
    assert reconcile(None, today - timedelta(days=1)) == (1, 0, 1, 0)


def test_the_database_refuses_to_change_the_ledger(actor):
    official(actor)
    for change in (SealUse.objects.all().delete, lambda: SealUse.objects.update(actor_id=1)):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_only_the_modules_that_record_it_use_the_key():
    """A new caller must record its uses: see contracts/seal_uses.py."""
    root = Path(sealing.__file__).parents[1]
    callers = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if any(call in path.read_text() for call in ("sealing.seal(", "= seal(", "sign_detached("))
    }
    assert callers == {
        "documents/void_certificates.py",
        "evidence/signing.py",
        "sealing/canary.py",
        "sealing/detached.py",
        "services/convert.py",
        "trail/daily_seals.py",
    }
