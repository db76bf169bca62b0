"""Whose seal a file carries, and what became of its certificate (R3)."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.validation.dss import DocumentSecurityStore

from accounts.access.actors import actor_of
from contracts import sealing
from contracts.models import Contract
from contracts.sealing.key import configured_seal
from contracts.sealing.levels import SealLevel
from contracts.services import approve_void, convert_to_official, request_void
from contracts.verification.file_verdict import verdict_of_file
from tests import factories
from tests.contracts.sealing.conftest import make_authority, make_crl
from tests.contracts.verification.conftest import codes, codes_of, file_of, signed_by, with_white_box

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def sealed(draft: bytes, number: str = "EC1") -> bytes:
    return sealing.seal(draft, number=number, issuer_name="云帆科技（上海）有限公司")


@pytest.fixture
def stranger(use_seal, settings):
    """Seals as whoever made a root of the same names as ours."""
    ours = {name: getattr(settings, name) for name in ("SEAL_P12", "SEAL_P12_PASSPHRASE", "SEAL_ALLOW_TEST")}
    name = configured_seal().chain[-1].subject.native["common_name"]

    def seal_as_stranger(content: bytes) -> bytes:
        use_seal(authority=make_authority(name))
        forged = sealed(content)
        for setting, value in ours.items():
            setattr(settings, setting, value)
        return forged

    return seal_as_stranger


@pytest.mark.rule("R3")
def test_a_draft_sealed_under_another_root_of_the_same_name_is_not_ours(draft, stranger):
    verdict = verdict_of_file(stranger(file_of(draft, "draft")))

    assert codes_of(verdict) == ["not_ours"]
    assert (verdict.number, verdict.status) == (None, None)


def test_sealed_with_our_key_and_not_registered(draft):
    verdict = verdict_of_file(sealed(file_of(draft, "draft")))

    assert codes_of(verdict) == ["not_registered"]
    assert verdict.number is None


def test_changed_where_the_signature_does_not_reach(official):
    content = file_of(official)
    end = content.rindex(b"00>")
    assert codes(content[:end] + b"10>" + content[end + 3 :]) == ["changed"]


def test_a_second_signature_behind_ours(official, use_seal):
    content = file_of(official)
    use_seal(authority=make_authority("Somebody"))

    assert codes(signed_by(content, configured_seal().signer)) == ["appended", "several_signatures"]


def test_a_file_without_a_seal(draft):
    assert codes(with_white_box(file_of(draft, "draft"))) == ["no_seal"]


@pytest.mark.rule("R5")
def test_a_voided_contract_and_its_certificate_are_authentic_and_say_so(official, membership):
    content = file_of(official)
    ticket = request_void(contract=official, reason="Wrong order", by=actor_of(membership, "page"))
    approve_void(ticket=ticket, note="", by=factories.staff())
    official = Contract.objects.get(pk=official.pk)
    verdict = verdict_of_file(content)
    certificate = verdict_of_file(file_of(official, "void_certificate"))

    assert verdict.authentic
    assert not verdict.in_force
    assert codes_of(verdict) == ["sealed", "voided"]
    assert (verdict.status, verdict.voided_at) == ("voided", official.voided_at)
    assert certificate.authentic
    assert codes_of(certificate) == ["sealed", "void_certificate", "voided"]
    assert certificate.number == official.number


def test_what_was_added_later_to_the_registered_file_is_missing(actor, monkeypatch):
    plain, seal = {}, sealing.seal

    def seal_and_add(draft: bytes, **named: str) -> bytes:
        plain["content"] = seal(draft, **named)
        writer = IncrementalPdfFileWriter(BytesIO(plain["content"]))
        DocumentSecurityStore.supply_dss_in_writer(writer, None, certs=configured_seal().chain)
        output = BytesIO()
        writer.write(output)
        return output.getvalue()

    contract = factories.draft(actor)
    with monkeypatch.context() as patched:
        patched.setattr(sealing, "seal", seal_and_add)
        patched.setattr(sealing, "validate_seal", lambda *_given, **_named: SealLevel.B_B)
        convert_to_official(contract=contract, by=actor)

    assert codes(file_of(contract)) == ["sealed"]
    verdict = verdict_of_file(plain["content"])
    assert not verdict.authentic
    assert codes_of(verdict) == ["older_level"]
    assert (verdict.number, verdict.status) == (contract.number, "official")


@pytest.mark.rule("R3")
def test_a_certificate_that_expired_since_takes_nothing_from_a_document(use_seal, actor, clock):
    use_seal(ends=DAY)
    content = file_of(factories.official(actor))
    clock.shift(2 * DAY)
    verdict = verdict_of_file(content)

    assert verdict.authentic
    assert codes_of(verdict) == ["sealed"]


def test_a_certificate_that_had_expired_already(use_seal, draft, clock, monkeypatch):
    content = file_of(draft, "draft")
    use_seal(ends=DAY)
    clock.shift(2 * DAY)
    monkeypatch.setattr("contracts.sealing.usable_seal", configured_seal)

    assert codes(sealed(content)) == ["certificate_expired", "not_registered"]


@pytest.mark.parametrize(
    ("revoked", "authentic", "found"),
    [(DAY, True, ["sealed", "certificate_revoked"]), (-DAY, False, ["certificate_revoked"])],
)
def test_a_certificate_that_was_revoked(use_seal, actor, settings, tmp_path, clock, revoked, authentic, found):
    authority = make_authority()
    use_seal(authority=authority)
    content = file_of(factories.official(actor))
    crl: Path = tmp_path / "ours.crl"
    crl.write_bytes(make_crl(authority, configured_seal().certificate, at=timezone.now() + revoked))
    settings.SEAL_CRL = str(crl)
    clock.shift(2 * DAY)
    verdict = verdict_of_file(content)

    assert verdict.authentic is authentic
    assert codes_of(verdict) == found


def test_under_a_root_that_is_ours_no_more(use_seal, actor):
    content = file_of(factories.official(actor))
    use_seal()
    verdict = verdict_of_file(content)

    assert not verdict.authentic
    assert codes_of(verdict) == ["not_ours"]


def test_while_our_roots_cannot_be_read_nothing_is_called_false(use_seal, client, official, settings, tmp_path):
    content = file_of(official)
    settings.SEAL_P12 = str(tmp_path / "gone.p12")
    answer = client.post("/api/v1/verify/", {"file": SimpleUploadedFile("a.pdf", content)})

    assert (answer.status_code, answer.json()["code"]) == (503, "seal_unavailable")
    assert "gone.p12" not in answer.text
    assert client.post("/verify/", {"file": SimpleUploadedFile("a.pdf", content)}).status_code == 503


@pytest.mark.parametrize("name", ["SEAL_P12", "SEAL_ROOTS"])
def test_whoever_asks_for_our_roots_is_not_told_where_they_are_kept(client, db, settings, tmp_path, caplog, name):
    setattr(settings, name, str(tmp_path / "gone.p12"))
    answer = client.get("/verify/root.pem")

    assert answer.status_code == 503
    assert "The root certificates cannot be read right now" in answer.text
    assert "gone.p12" not in answer.text
    assert "gone.p12" in caplog.text


def test_a_byte_of_the_signature_that_was_damaged_is_a_change_of_ours_and_not_a_strangers_seal(official):
    content = file_of(official)
    signature = content.rindex(b"/Contents <") + len(b"/Contents <")
    for at in (signature + 200, signature + 900, signature + 1800):
        other = b"0" if content[at : at + 1] != b"0" else b"1"
        assert codes(content[:at] + other + content[at + 1 :]) == ["changed"], at


def test_our_signature_over_a_part_of_somebodys_file(draft):
    """Wrapped in another file, the part that is signed is intact; that it is the file is not said."""
    ours = sealed(file_of(draft, "draft"))
    assert codes(ours + b"% more\n") == ["changed"]
