"""Roots are pinned: ours, those we had before, and nobody else's. Renewing a seal makes no old document false."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.management import call_command
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import PdfSignatureStatus

from contracts.sealing import SealUnavailable, check_seal, validate_seal
from contracts.sealing.trust import judge, timestamp_context, trust, validation_context
from tests.contracts.sealing.conftest import issue, make_authority, make_crl, make_draft, seal

DRAFT = make_draft()
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def pem(*certificates) -> bytes:
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def status(sealed: bytes, at: datetime | None) -> PdfSignatureStatus:
    (signature,) = PdfFileReader(BytesIO(sealed)).embedded_signatures
    return judge(signature, trust(), at=at)


@pytest.mark.rule("R3")
def test_documents_under_an_earlier_root_stay_valid_where_seal_roots_keeps_it(use_seal, settings, tmp_path):
    earlier = make_authority("Earlier Root")
    use_seal(authority=earlier)
    sealed, keys = seal(DRAFT), [check_seal().fingerprint]
    use_seal(authority=make_authority("Later Root"))
    with pytest.raises(SealUnavailable, match="not issued under our seal's root"):
        validate_seal(sealed, draft=DRAFT, trusted=trust(keys))
    roots = tmp_path / "roots.pem"
    roots.write_bytes(pem(make_authority("Another").certificate, earlier.certificate))
    settings.SEAL_ROOTS = str(roots)
    validate_seal(sealed, draft=DRAFT, trusted=trust(keys))
    validate_seal(seal(DRAFT), draft=DRAFT)


def test_seal_roots_may_be_a_folder(use_seal, settings, tmp_path):
    earlier = make_authority("Earlier Root")
    use_seal(authority=earlier)
    sealed, keys = seal(DRAFT), [check_seal().fingerprint]
    use_seal()
    folder = tmp_path / "roots"
    folder.mkdir()
    (folder / "2024.pem").write_bytes(pem(make_authority("Oldest Root").certificate))
    (folder / "2025.crt").write_bytes(pem(earlier.certificate))
    (folder / "README").write_text("roots we had")
    settings.SEAL_ROOTS = str(folder)
    assert len(trust().roots) == 3
    validate_seal(sealed, draft=DRAFT, trusted=trust(keys))


@pytest.mark.rule("R3")
def test_a_test_seal_under_a_new_root_keeps_the_old_documents_valid(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.SEAL_P12 = str(tmp_path / "seal" / "seal.p12")
    call_command("init_seal", verbosity=0)
    first, keys = seal(DRAFT), [check_seal().fingerprint]
    (tmp_path / "seal" / "ca-key.pem").unlink()
    call_command("init_seal", force=True, verbosity=0)
    assert len(trust().roots) == 2
    validate_seal(first, draft=DRAFT, trusted=trust(keys))
    validate_seal(seal(DRAFT), draft=DRAFT)


def test_roots_put_aside_beside_a_real_seal_count_for_nothing(use_seal):
    stranger = make_authority("Stranger")
    path = use_seal()
    (path.parent / "ca-until-20250101-000000.pem").write_bytes(pem(stranger.certificate))
    assert [root.subject.native["common_name"] for root in trust().roots] == ["Real Root CA"]


def test_timestamp_roots_do_not_vouch_for_seals(use_seal, settings, tmp_path):
    public = make_authority("Public Timestamp Root")
    use_seal(authority=public)
    forged = seal(DRAFT)
    use_seal()
    roots = tmp_path / "tsa.pem"
    roots.write_bytes(pem(public.certificate))
    settings.SEAL_TSA_ROOTS = str(roots)
    assert public.certificate.public_bytes(Encoding.DER) in {root.dump() for root in trust().timestamp_roots}
    with pytest.raises(SealUnavailable, match="not issued under our seal's root"):
        validate_seal(forged, draft=DRAFT)


def test_an_intermediate_among_the_roots_is_no_root(use_seal, settings, tmp_path):
    public = make_authority("Public Root")
    between = issue(
        "Anybody's CA", ec.generate_private_key(ec.SECP256R1()), authority=public, usage=frozenset({"key_cert_sign"})
    )
    use_seal()
    (tmp_path / "roots.pem").write_bytes(pem(between))
    settings.SEAL_ROOTS = str(tmp_path / "roots.pem")
    assert len(trust().roots) == 1
    assert [one.subject.native["common_name"] for one in trust().intermediates] == ["Anybody's CA"]


@pytest.mark.parametrize("setting", ["SEAL_EARLIER_CERTIFICATES", "SEAL_ROOTS", "SEAL_TSA_ROOTS", "SEAL_CRL"])
@pytest.mark.parametrize(
    "content", [b"garbage", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", None]
)
def test_a_file_that_cannot_be_read_is_named_rather_than_ignored(use_seal, settings, tmp_path, setting, content):
    use_seal()
    file = tmp_path / "broken.pem"
    if content:
        file.write_bytes(content)
    setattr(settings, setting, str(file))
    with pytest.raises(SealUnavailable, match=rf"broken\.pem in {setting} cannot be read"):
        trust()


def test_an_empty_folder_is_named(use_seal, settings, tmp_path):
    use_seal()
    (tmp_path / "empty").mkdir()
    settings.SEAL_ROOTS = str(tmp_path / "empty")
    with pytest.raises(SealUnavailable, match=r"has no files ending in \.pem"):
        trust()


def test_files_are_read_again_when_they_change(use_seal, settings, tmp_path):
    use_seal()
    roots = tmp_path / "roots.pem"
    roots.write_bytes(pem(make_authority("One").certificate))
    settings.SEAL_ROOTS = str(roots)
    assert len(trust().roots) == 2
    roots.write_bytes(pem(make_authority("One").certificate, make_authority("Two").certificate))
    assert len(trust().roots) == 3


@pytest.mark.parametrize("next_due", [timedelta(days=7), timedelta(minutes=-30)])
def test_a_revoked_seal_is_trusted_until_it_was_revoked_and_not_after(use_seal, settings, tmp_path, next_due):
    """A CRL whose successor is overdue revokes all the same."""
    authority = make_authority()
    use_seal(authority=authority, begins=-10 * DAY)
    sealed = seal(DRAFT)
    crl = tmp_path / "ca.crl"
    crl.write_bytes(make_crl(authority, check_seal().certificate, at=NOW - 2 * DAY, next_due=next_due))
    settings.SEAL_CRL = str(crl)
    assert status(sealed, NOW - 3 * DAY).trusted
    assert not status(sealed, NOW - DAY).trusted
    details = status(sealed, NOW - DAY).revocation_details
    assert not details.ca_revoked
    assert details.revocation_date == (NOW - 2 * DAY).replace(microsecond=0)
    assert details.revocation_reason.native == "key_compromise"
    assert not status(sealed, None).trusted
    with pytest.raises(SealUnavailable, match="revoked"):
        validate_seal(sealed, draft=DRAFT)


def test_a_crl_that_names_another_certificate_changes_nothing(use_seal, settings, tmp_path):
    authority = make_authority()
    other = issue("Another", ec.generate_private_key(ec.SECP256R1()), authority=authority)
    use_seal(authority=authority)
    (tmp_path / "ca.crl").write_bytes(make_crl(authority, other))
    settings.SEAL_CRL = str(tmp_path / "ca.crl")
    validate_seal(seal(DRAFT), draft=DRAFT)


def test_a_crl_of_a_stranger_revokes_nothing(use_seal, settings, tmp_path):
    use_seal(authority=make_authority("Real Root CA"))
    (tmp_path / "ca.crl").write_bytes(make_crl(make_authority("Real Root CA"), check_seal().certificate))
    settings.SEAL_CRL = str(tmp_path / "ca.crl")
    validate_seal(seal(DRAFT), draft=DRAFT)


def test_an_expired_seal_is_judged_as_of_its_time(use_seal):
    use_seal(begins=-10 * DAY, ends=timedelta(seconds=30))
    sealed = seal(DRAFT)
    assert status(sealed, NOW).trusted
    assert not status(sealed, NOW + DAY).trusted
    assert not status(sealed, NOW - 11 * DAY).trusted


def test_nothing_is_fetched(use_seal):
    use_seal()
    assert not validation_context(trust()).fetching_allowed
    assert not validation_context(trust(), at=NOW).fetching_allowed
    assert not timestamp_context(trust()).fetching_allowed
