"""Level B-LT: the file itself proves that no certificate was revoked when it was sealed, and is still one revision."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import time_machine
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore

from contracts.sealing import SealUnavailable, check_seal, revocation, validate_seal
from contracts.sealing.embedded import renew_crl
from contracts.sealing.levels import SealLevel
from contracts.sealing.trust import judge, trust
from contracts.sealing.validation_report import validation_report
from tests.contracts.sealing.conftest import make_authority, make_crl, make_draft, seal
from tests.contracts.sealing.tsa import Unit, serving

DRAFT = make_draft(2)


@pytest.fixture(scope="module")
def tsa(tsa_root):
    with serving(Unit(tsa_root)) as url:
        yield url


@pytest.fixture
def roots(tmp_path, tsa_root):
    path = tmp_path / "tsa.pem"
    path.write_bytes(tsa_root.certificate.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def crls(settings, tmp_path):
    """The folder that SEAL_CRL names."""
    folder = tmp_path / "crls"
    folder.mkdir()
    settings.SEAL_CRL = str(folder)
    return folder


@pytest.fixture
def with_test_seal(test_seal, settings, tsa, roots, crls, tsa_root):
    """The seal of init_seal, with everything that B-LT needs."""
    settings.SEAL_TSA_URL, settings.SEAL_TSA_ROOTS, settings.SEAL_LEVEL = tsa, str(roots), "B-LT"
    (crls / "tsa.crl").write_bytes(make_crl(tsa_root))
    return test_seal


def refusal() -> str:
    with pytest.raises(SealUnavailable) as refused:
        seal(DRAFT)
    return refused.value.detail


def names_crl(url: str) -> tuple[x509.ExtensionType, ...]:
    name = x509.UniformResourceIdentifier(url)
    return (x509.CRLDistributionPoints([x509.DistributionPoint([name], None, None, None)]),)


@pytest.mark.rule("R3")
def test_the_file_is_still_the_draft_and_one_sealed_revision(with_test_seal):
    sealed = seal(DRAFT)
    assert validate_seal(sealed, draft=DRAFT) == "B-LT"
    assert sealed.startswith(DRAFT)
    reader = PdfFileReader(BytesIO(sealed))
    assert reader.total_revisions == 2
    (signature,) = reader.embedded_signatures
    assert signature.docmdp_level == MDPPerm.NO_CHANGES
    assert judge(signature, trust()).coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert len(reader.root["/DSS"]["/CRLs"]) == 2


def test_pyhanko_alone_finds_the_proof_in_the_file(with_test_seal, tsa_root):
    """By the file and the two roots, and nothing else of ours."""
    reader = PdfFileReader(BytesIO(seal(DRAFT)))
    ca = x509.load_pem_x509_certificate(with_test_seal.with_name("ca.pem").read_bytes())
    roots = [asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in (ca, tsa_root.certificate)]
    proof = {"trust_roots": roots, "revocation_mode": "require", "allow_fetching": False}
    context = DocumentSecurityStore.read_dss(reader).as_validation_context(proof)
    status = validate_pdf_signature(reader.embedded_signatures[0], context, context)
    assert status.bottom_line


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="poppler-utils (pdfsig) is missing")
def test_pdfsig_calls_it_valid(with_test_seal, tmp_path):
    (tmp_path / "official.pdf").write_bytes(seal(DRAFT))
    done = subprocess.run(["pdfsig", "-nocert", tmp_path / "official.pdf"], capture_output=True, check=True, text=True)
    assert "Signature is Valid" in done.stdout
    assert "Total document signed" in done.stdout


def test_a_seal_without_the_proof_that_is_asked_for_is_refused(with_test_seal, settings):
    settings.SEAL_LEVEL = "B-T"
    sealed = seal(DRAFT)
    assert validate_seal(sealed, draft=DRAFT) == "B-T"
    settings.SEAL_LEVEL = "B-LT"
    settings.SEAL_TSA_FAILURE = "seal_without"
    with pytest.raises(SealUnavailable, match="it lacks revocation data"):
        validate_seal(sealed, draft=DRAFT)


def test_a_missing_crl_is_told_and_nothing_is_sealed(with_test_seal, crls, settings):
    settings.SEAL_CRL = ""
    assert "needs a current CRL or OCSP response" in refusal()
    assert "Timestamp Unit" in refusal()
    assert "SEAL_LEVEL=B-T" in refusal()
    settings.SEAL_TSA_FAILURE = "seal_without"  # says nothing of revocation
    assert "needs a current CRL or OCSP response" in refusal()


def test_a_crl_that_is_out_of_date_is_no_proof(with_test_seal, crls, tsa_root):
    (crls / "tsa.crl").write_bytes(make_crl(tsa_root, made=timedelta(days=-9), next_due=timedelta(days=-2)))
    assert "needs a current CRL or OCSP response" in refusal()


def test_a_revoked_seal_is_not_used(use_seal, settings, tsa, roots, crls, tsa_root):
    authority = make_authority()
    use_seal(authority=authority)
    settings.SEAL_TSA_URL, settings.SEAL_TSA_ROOTS, settings.SEAL_LEVEL = tsa, str(roots), "B-LT"
    (crls / "tsa.crl").write_bytes(make_crl(tsa_root))
    (crls / "ca.crl").write_bytes(make_crl(authority, check_seal().certificate))
    assert "revoked" in refusal()


def test_only_the_crls_of_its_own_issuers_go_into_the_file(with_test_seal, crls):
    (crls / "other.crl").write_bytes(make_crl(make_authority("Another CA")))
    sealed = seal(DRAFT)
    assert len(PdfFileReader(BytesIO(sealed)).root["/DSS"]["/CRLs"]) == 2
    assert validate_seal(sealed, draft=DRAFT) == "B-LT"


def test_crls_are_fetched_where_the_certificate_says_and_kept_for_a_while(with_test_seal, settings, tsa_root):
    settings.SEAL_CRL = ""
    der = x509.load_pem_x509_crl(make_crl(tsa_root)).public_bytes(Encoding.DER)
    asked = []

    def crl(request: bytes):
        asked.append(request)
        return 200, "application/pkix-crl", der

    with serving(crl) as address, serving(Unit(tsa_root, extensions=names_crl(f"{address}tsa.crl"))) as url:
        settings.SEAL_TSA_URL = url
        assert validate_seal(seal(DRAFT), draft=DRAFT) == "B-LT"
        assert validate_seal(seal(DRAFT), draft=DRAFT) == "B-LT"
        assert len(asked) == 1
        revocation.clear_cache()
        seal(DRAFT)
        assert len(asked) == 2


def test_a_server_that_changed_its_certificate_is_met_on_the_next_try(with_test_seal, settings, crls, roots, tsa_root):
    """What was gathered for the one before it does not speak for the new one."""
    later = make_authority("Later Timestamp Root", rsa.generate_private_key(65537, 2048))
    roots.write_bytes(b"".join(one.certificate.public_bytes(Encoding.PEM) for one in (tsa_root, later)))
    (crls / "later.crl").write_bytes(make_crl(later))
    units = [Unit(tsa_root)]

    def answer(request: bytes):
        return units[-1](request)

    with serving(answer) as url:
        settings.SEAL_TSA_URL = url
        assert validate_seal(seal(DRAFT), draft=DRAFT) == "B-LT"
        units.append(Unit(later))
        sealed = seal(DRAFT)
        with pytest.raises(SealUnavailable, match="it lacks revocation data"):
            validate_seal(sealed, draft=DRAFT)
        assert validate_seal(seal(DRAFT), draft=DRAFT) == "B-LT"


def test_an_ocsp_answer_is_as_good(with_test_seal, settings, tsa_root):
    settings.SEAL_CRL = ""
    made = []

    def responder(request: bytes):
        now = datetime.now(UTC).replace(microsecond=0)
        builder = ocsp.OCSPResponseBuilder().add_response(
            made[0].certificate,
            tsa_root.certificate,
            hashes.SHA1(),
            ocsp.OCSPCertStatus.GOOD,
            now,
            now + timedelta(hours=1),
            None,
            None,
        )
        for extension in ocsp.load_der_ocsp_request(request).extensions:
            builder = builder.add_extension(extension.value, critical=False)  # the nonce
        answer = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, tsa_root.certificate)
        return 200, "application/ocsp-response", answer.sign(tsa_root.key, hashes.SHA256()).public_bytes(Encoding.DER)

    with serving(responder) as address:
        name = x509.UniformResourceIdentifier(address)
        access = x509.AuthorityInformationAccess(
            [x509.AccessDescription(x509.AuthorityInformationAccessOID.OCSP, name)]
        )
        made.append(Unit(tsa_root, extensions=(access,)))
        with serving(made[0]) as url:
            settings.SEAL_TSA_URL = url
            sealed = seal(DRAFT)
    assert validate_seal(sealed, draft=DRAFT) == "B-LT"
    assert len(PdfFileReader(BytesIO(sealed)).root["/DSS"]["/OCSPs"]) == 1
    assert b"total-passed" in validation_report(sealed, trusted=trust(), at=datetime.now(UTC), level=SealLevel.B_LT)


def test_a_crl_server_that_never_answers(with_test_seal, settings, tsa_root, monkeypatch):
    settings.SEAL_CRL = ""
    monkeypatch.setattr(revocation, "TOTAL_TIMEOUT", 0.5)
    with (
        serving(lambda request: None) as address,
        serving(Unit(tsa_root, extensions=names_crl(f"{address}tsa.crl"))) as url,
    ):
        settings.SEAL_TSA_URL = url
        assert "did not answer in time" in refusal()


def test_the_test_ca_s_crl_is_renewed_before_it_ends(test_seal):
    folder = test_seal.parent
    first = (folder / "ca.crl").read_bytes()
    assert not renew_crl(folder)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=31)):
        assert renew_crl(folder)
    second = x509.load_pem_x509_crl((folder / "ca.crl").read_bytes())
    root = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    assert second.is_signature_valid(root.public_key())
    numbers = [
        x509.load_pem_x509_crl(one).extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        for one in (first, second.public_bytes(Encoding.PEM))
    ]
    assert numbers == [1, 2]
    assert (folder / "ca.crl").stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in folder.iterdir()) == ["ca-key.pem", "ca.crl", "ca.pem", "seal.p12"]


def test_without_the_ca_s_key_there_is_no_new_crl(test_seal):
    (test_seal.parent / "ca-key.pem").unlink()
    assert not renew_crl(test_seal.parent, force=True)
