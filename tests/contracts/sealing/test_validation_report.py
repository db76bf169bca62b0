"""Reports by ETSI TS 119 102-2 agree with our verdicts, and are read by the classes made from ETSI's schema."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.generated.etsi.ts_11910202 import SignatureValidationReportType, ValidationReport
from pyhanko.pdf_utils.reader import PdfFileReader
from xsdata.formats.dataclass.parsers import XmlParser

from contracts.sealing.key import configured_seal
from contracts.sealing.levels import SealLevel
from contracts.sealing.trust import trust
from contracts.sealing.validation_report import validation_report
from tests.contracts.sealing.conftest import make_authority, make_crl, make_draft, seal
from tests.contracts.sealing.tsa import Unit, serving

DRAFT = make_draft()
PASSED, FAILED, INDETERMINATE = (
    f"urn:etsi:019102:mainindication:{word}" for word in ("total-passed", "total-failed", "indeterminate")
)


def report_on(
    sealed: bytes, level: SealLevel = SealLevel.B_B, at: datetime | None = None
) -> SignatureValidationReportType:
    """The report on the only signature, read back from XML."""
    content = validation_report(sealed, trusted=trust(), at=at or datetime.now(UTC), level=level)
    [report] = XmlParser().from_bytes(content, ValidationReport).signature_validation_report
    return report


def outcome(report: SignatureValidationReportType) -> tuple[str, ...]:
    status = report.signature_validation_status
    return status.main_indication, *(one.rpartition(":")[2] for one in status.sub_indication)


def process(report: SignatureValidationReportType) -> str:
    return report.signature_validation_process.signature_validation_process_id.rpartition(":")[2]


def test_a_seal_passes_as_a_basic_signature_over_exactly_this_file(test_seal):
    sealed = seal(DRAFT)
    report = report_on(sealed)
    assert (outcome(report), process(report)) == ((PASSED, "OK"), "Basic")
    [signature] = PdfFileReader(BytesIO(sealed)).embedded_signatures
    signed = report.signers_document.digest_alg_and_value
    assert signed.digest_value.value == signature.compute_digest()
    assert report.signature_identifier.signature_value.value == signature.signer_info["signature"].native


def test_the_same_file_gives_the_same_bytes_whenever_it_is_asked(test_seal):
    sealed, at = seal(DRAFT), datetime.now(UTC)
    reports = {validation_report(sealed, trusted=trust(), at=at, level=SealLevel.B_B) for _ in range(2)}
    assert len(reports) == 1


@pytest.fixture
def stamped(use_seal, settings, tmp_path) -> Path:
    """A seal with a timestamp server, and CRLs of both authorities. The folder of the CRLs."""
    issuer, stamper = make_authority(), make_authority("Timestamp Root", rsa.generate_private_key(65537, 2048))
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "seal.crl").write_bytes(make_crl(issuer))
    (lists / "stamp.crl").write_bytes(make_crl(stamper))
    with serving(Unit(stamper)) as url:
        use_seal(authority=issuer, other_roots=(stamper.certificate,))
        settings.SEAL_TSA_URL, settings.SEAL_CRL = url, str(lists)
        yield lists


@pytest.mark.parametrize("level", [SealLevel.B_T, SealLevel.B_LT])
def test_a_timestamp_gives_the_best_time_of_the_signature(stamped, settings, level):
    settings.SEAL_LEVEL = level
    report = report_on(seal(DRAFT), level)
    assert (outcome(report), process(report)) == ((PASSED, "OK"), "LTVM")
    times = report.validation_time_info
    stamp = report.signature_attributes.signature_time_stamp[0].time_stamp_value
    assert times.best_signature_time.poetime == stamp


def test_a_file_without_the_proof_that_b_lt_promises_is_indeterminate(stamped):
    assert outcome(report_on(seal(DRAFT), SealLevel.B_LT))[0] == INDETERMINATE


def test_a_certificate_that_our_lists_revoke_fails(use_seal, settings, tmp_path):
    issuer = make_authority()
    use_seal(authority=issuer)
    sealed = seal(DRAFT)
    settings.SEAL_CRL = str(tmp_path / "seal.crl")
    for revoked_at, result in (
        (datetime.now(UTC) + timedelta(hours=1), (PASSED, "OK")),
        (datetime.now(UTC) - timedelta(hours=1), (FAILED, "REVOKED")),
    ):
        (tmp_path / "seal.crl").write_bytes(make_crl(issuer, configured_seal().certificate, at=revoked_at))
        assert outcome(report_on(sealed)) == result


def test_a_changed_file_fails(test_seal):
    sealed = bytearray(seal(DRAFT))
    sealed[700] ^= 1
    assert outcome(report_on(bytes(sealed))) == (FAILED, "HASH_FAILURE")


def test_a_root_for_timestamps_is_none_for_seals(use_seal, settings, tmp_path):
    other = make_authority()
    use_seal(authority=other)
    sealed = seal(DRAFT)
    use_seal()
    (tmp_path / "other.pem").write_bytes(other.certificate.public_bytes(Encoding.PEM))
    settings.SEAL_TSA_ROOTS = str(tmp_path / "other.pem")
    assert outcome(report_on(sealed))[0] == INDETERMINATE


def test_clocks_may_differ_a_little(stamped, settings):
    settings.SEAL_LEVEL = "B-LT"
    sealed, lists_made = seal(DRAFT), datetime.now(UTC) - timedelta(hours=1)
    early = {minutes: lists_made - timedelta(minutes=minutes) for minutes in (4, 6)}
    assert outcome(report_on(sealed, SealLevel.B_LT, at=early[4]))[0] == PASSED
    assert outcome(report_on(sealed, SealLevel.B_LT, at=early[6]))[0] == INDETERMINATE
