"""The seal is tried out at the start and every day: what is wrong is told before a customer meets it."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import time_machine
from cryptography import x509
from django.core.management import CommandError, call_command
from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader

from accounts.access.actors import actor_of
from common.errors import Refused
from config.celery import app, catch_up
from config.health import READINESS
from contracts.models import SealCheck, SealKey
from contracts.seal_keys import pin_seal_key
from contracts.sealing import canary, check_seal
from contracts.services import convert_to_official
from contracts.tasks import check_seal as check_seal_task
from tests.contracts.back_office.legal import member_of, text_of
from tests.contracts.sealing.conftest import make_authority, make_crl
from tests.contracts.sealing.tsa import Unit, serving
from tests.factories import draft, official

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def examined(recorded_at: datetime | None = None, issuer_name: str = "") -> canary.Examination:
    return canary.examine(recorded_at=recorded_at, issuer_name=issuer_name)


def test_a_good_seal_is_tried_out_and_found_sound(use_seal):
    use_seal()
    examination = examined()
    assert examination.broken == examination.warnings == []
    assert examination.expires_at == check_seal().expires_at
    said = [item.sentence for item in examination.items]
    assert "The key of Cloud Sea Contract Seal can be used." in said
    assert "A trial document was sealed at level B-B and verified." in said
    assert any(sentence.startswith("The certificate Real Root CA expires on") for sentence in said)


def test_the_trial_document_is_one_empty_page():
    reader = PdfFileReader(BytesIO(canary._trial_document()), strict=True)
    assert reader.root["/Pages"]["/Count"] == 1
    assert reader.xrefs.total_revisions == 1


def test_a_wrong_passphrase(use_seal, settings):
    use_seal()
    settings.SEAL_P12_PASSPHRASE = "wrong"
    examination = examined()
    assert "SEAL_P12_PASSPHRASE is wrong" in examination.broken[0]
    assert examination.expires_at is None


def test_an_expired_certificate_is_told_once(use_seal):
    use_seal(begins=-9 * DAY, ends=-DAY)
    [sentence] = examined().broken
    assert "The seal's certificate expired on" in sentence


def test_a_certificate_that_has_ended_is_not_said_to_end_in_no_days(use_seal):
    use_seal(begins=-9 * DAY, ends=-DAY)
    warnings = examined().warnings
    assert any("expired on" in each for each in warnings)
    assert not any("in 0 days" in each or "expires on" in each for each in warnings)


def test_a_certificate_on_its_last_day(use_seal):
    use_seal(ends=timedelta(hours=3))
    assert "in less than a day" in examined().warnings[0]


@pytest.mark.parametrize(("days", "warned"), [(29, True), (31, False)])
def test_a_certificate_that_ends_within_thirty_days(use_seal, days, warned):
    use_seal(ends=days * DAY + timedelta(hours=1))
    warnings = examined().warnings
    assert [f"in {days} days" in each and "Renew it in time" in each for each in warnings] == [True] * warned


def test_a_revoked_certificate(use_seal, settings, tmp_path):
    authority = make_authority()
    use_seal(authority=authority)
    (tmp_path / "ca.crl").write_bytes(make_crl(authority, check_seal().certificate))
    settings.SEAL_CRL = str(tmp_path / "ca.crl")
    assert "its certificate was revoked on" in examined().broken[0]


def test_a_crl_that_is_out_of_date(use_seal, settings, tmp_path):
    authority = make_authority()
    use_seal(authority=authority)
    (tmp_path / "ca.crl").write_bytes(make_crl(authority, made=-9 * DAY, next_due=-DAY))
    (tmp_path / "old.crl").write_bytes(make_crl(make_authority("An earlier CA"), made=-9 * DAY, next_due=-DAY))
    settings.SEAL_CRL = str(tmp_path)
    (tmp_path / "operator.pem").unlink(missing_ok=True)
    [warning] = examined().warnings
    assert "The CRL of Real Root CA expired on" in warning


@pytest.mark.rule("R37")
@pytest.mark.parametrize(
    ("organisation", "issuer_name", "warned"),
    [
        ("云帆科技(上海)有限公司", "云帆科技（上海）有限公司", False),
        ("CLOUD SEA  Ltd.", "Cloud Sea Ltd.", False),
        ("", "Cloud Sea Contract Seal", False),  # the common name
        ("Rival Ltd.", "", False),
        ("Rival Ltd.", "Cloud Sea Contract Seal", True),
    ],
)
def test_a_certificate_of_another_company_than_party_b(use_seal, organisation, issuer_name, warned):
    use_seal(organisation=organisation)
    warnings = examined(issuer_name=issuer_name).warnings
    assert ["Rival Ltd." in each and issuer_name in each for each in warnings] == [True] * warned


@pytest.mark.rule("R37")
def test_the_stored_check_compares_the_certificate_with_the_issuer_in_force(use_seal, issuer):
    use_seal(organisation="Rival Ltd.")
    check_seal_task()
    [warning] = SealCheck.objects.get().warnings
    assert issuer.name in warning


def test_a_clock_that_is_behind(use_seal):
    use_seal()
    assert examined(recorded_at=datetime.now(UTC) + timedelta(minutes=4)).broken == []
    [sentence] = examined(recorded_at=datetime.now(UTC) + timedelta(minutes=6)).broken
    assert "set the clock" in sentence


def test_a_clock_that_differs_from_the_timestamp_server(use_seal, settings, tsa_root):
    use_seal(other_roots=(tsa_root.certificate,))
    unit = Unit(tsa_root)
    with serving(unit) as settings.SEAL_TSA_URL:
        assert examined().warnings == []
        unit.stamper.fixed_dt = datetime.now(UTC) - timedelta(minutes=20)
        [warning] = examined().warnings
    assert "the timestamp server" in warning
    assert "set the clock" in warning


def test_a_timestamp_server_that_fails(use_seal, settings):
    use_seal()
    settings.SEAL_TSA_URL = "http://127.0.0.1:9/"
    assert "timestamp server http://127.0.0.1:9/ failed" in examined().broken[0]
    settings.SEAL_TSA_FAILURE = "seal_without"
    examination = examined()
    assert examination.broken == []
    assert examination.warnings == [
        "Seals are at level B-B instead of B-T: the timestamp server http://127.0.0.1:9/ fails."
    ]


def test_the_test_ca_s_crl_is_kept_current(test_seal):
    before = x509.load_pem_x509_crl(test_seal.with_name("ca.crl").read_bytes())
    with time_machine.travel(datetime.now(UTC) + 70 * DAY):
        assert examined().warnings == []
    after = x509.load_pem_x509_crl(test_seal.with_name("ca.crl").read_bytes())
    assert after.next_update_utc > before.next_update_utc + 60 * DAY


def test_a_crl_that_cannot_be_renewed_is_told(test_seal):
    test_seal.with_name("ca.crl").write_bytes(b"garbage")
    examination = examined()
    assert "could not be renewed" in examination.warnings[0]
    assert "ca.crl" in examination.broken[0]


def test_the_task_checks_once_a_day_and_sooner_while_it_is_broken(clock, settings):
    check_seal_task()
    first = SealCheck.objects.get()
    assert (first.checked_at, first.broken) == (timezone.now(), [])
    clock.shift(DAY - timedelta(seconds=1))
    check_seal_task()
    assert SealCheck.objects.get().checked_at == first.checked_at
    settings.SEAL_P12 = "/nowhere/seal.p12"
    clock.shift(timedelta(seconds=1))
    check_seal_task()
    broken = SealCheck.objects.get()
    assert (broken.checked_at, len(broken.broken)) == (timezone.now(), 1)
    settings.SEAL_P12 = str(settings.DATA_DIR / "seal" / "seal.p12")
    clock.shift(timedelta(minutes=10))
    check_seal_task()
    assert SealCheck.objects.get().broken == []


def test_a_worker_that_starts_checks_at_once_and_logs_what_it_found(settings, monkeypatch, caplog):
    check_seal_task()
    sent = []
    monkeypatch.setattr(app, "send_task", lambda name, **options: sent.append((name, options)))
    catch_up(sender=type("Worker", (), {"app": app}))
    assert ("contracts.tasks.check_seal", {"kwargs": {"at_start": True}}) in sent
    settings.SEAL_P12 = "/nowhere/seal.p12"
    caplog.clear()
    check_seal_task(at_start=True)
    [record] = [record for record in caplog.records if record.name == "contracts.health.seal_check"]
    assert (record.levelname, "cannot be read" in record.message) == ("ERROR", True)


def test_the_clock_is_held_against_the_trail(clock, membership):
    official(actor_of(membership, "page"))
    clock.shift(-timedelta(hours=1))
    check_seal_task()
    assert "set the clock" in SealCheck.objects.get().broken[0]


def test_readyz_tells_what_the_last_check_found(client, settings):
    check_seal_task()
    assert client.get("/readyz").json()["seal"] == "ok"
    SealCheck.objects.update(broken=["The timestamp server failed."])
    READINESS.forget()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["seal"]) == (503, "failed")
    assert client.get("/healthz").status_code == 200
    assert client.get("/login/").status_code == 200


def test_a_conversion_that_the_timestamp_server_fails_is_told_at_once(client, settings, membership, clock):
    contract = draft(actor_of(membership, "page"))
    check_seal_task()
    with serving(lambda request: (500, "text/plain", b"down")) as settings.SEAL_TSA_URL:
        assert client.get("/readyz").json()["seal"] == "ok"
        with pytest.raises(Refused):
            convert_to_official(contract=contract, by=actor_of(membership, "page"))
        READINESS.forget()
        assert client.get("/readyz").json()["seal"] == "failed"
    settings.SEAL_TSA_URL = ""
    clock.shift(timedelta(minutes=1))
    check_seal_task()
    READINESS.forget()
    assert client.get("/readyz").json()["seal"] == "ok"


def test_the_first_page_of_the_back_office_tells_staff(clock):
    finance = member_of("Finance")
    assert "The contract seal" not in text_of(finance.get("/admin/"))
    check_seal_task()
    page = text_of(finance.get("/admin/"))
    assert "The contract seal works (checked on 2026-11-22 12:00)" in page
    SealCheck.objects.update(
        expires_at=timezone.now() + timedelta(days=12, hours=3), warnings=["The certificate X ends."]
    )
    page = text_of(finance.get("/admin/"))
    assert "The contract seal's certificate expires in 12 days, on 2026-12-04." in page
    assert "The certificate X ends." in page
    SealCheck.objects.update(broken=["The seal file is gone."])
    page = text_of(finance.get("/admin/"))
    assert "The contract seal does not work, so drafts cannot be converted." in page
    assert "Checked on 2026-11-22 12:00: The seal file is gone." in page
    assert "The contract seal works" not in page


def test_by_hand_it_says_everything_and_fails_when_broken(capsys, settings):
    pin_seal_key()
    call_command("check_seal")
    said = capsys.readouterr().out
    [key] = SealKey.objects.all()
    assert (
        f"  pinned  {key.fingerprint}  {key.subject}, first sealed {key.first_sealed_at:%Y-%m-%d %H:%M} UTC\n" in said
    )
    assert "ok  A trial document was sealed at level B-B and verified." in said
    assert said.endswith("The contract seal works.\n")
    settings.SEAL_P12 = "/nowhere/seal.p12"
    with pytest.raises(CommandError, match="The contract seal does not work"):
        call_command("check_seal")
    assert "BROKEN  The seal file /nowhere/seal.p12 cannot be read" in capsys.readouterr().out
