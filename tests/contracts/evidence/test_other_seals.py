"""Bundles of contracts under an operator's own seal: intermediates, timestamps, revocation, renewal."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from contracts.sealing.key import configured_seal
from tests.contracts.evidence.auditing import failing, needs_tools, step_that
from tests.contracts.sealing.conftest import Authority, issue, make_authority, make_crl
from tests.contracts.sealing.tsa import Unit, serving

pytestmark = [pytest.mark.django_db, needs_tools]
READS = "certificates/seal-1.pem"


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def test_a_real_seal_of_rsa_is_checked_and_called_no_test(contract_of, unpack, use_seal):
    use_seal(key=rsa_key())
    folder = unpack(contract_of("order contract"))
    assert failing(folder) == []
    told = (folder / "README.txt").read_text()
    assert "ANYTHING IN LAW" not in told
    assert "depends on who issued its certificate" in told
    assert "Cloud Sea Contract Seal" in step_that(folder, "-signer ../check/official.pem").run(folder)


@pytest.mark.parametrize("key", [None, "rsa"])
def test_a_timestamp_is_checked_with_its_servers_root(contract_of, unpack, use_seal, settings, key):
    root = make_authority("Timestamp Root", rsa_key())
    with serving(Unit(root)) as url:
        use_seal(other_roots=(root.certificate,), key=key and rsa_key())
        settings.SEAL_TSA_URL = url
        contract = contract_of("voided")
    folder = unpack(contract)  # a bundle needs no timestamp server
    assert failing(folder) == []
    for file in ("official", "void-certificate"):
        step = step_that(folder, f"{file}.value")
        assert "Timestamp Unit" in step.run(folder)
        value = (folder.parent / "check" / f"{file}.value").read_bytes()
        rogue = folder / "certificates" / "timestamp-root-1.pem"
        true = rogue.read_bytes()
        rogue.write_bytes(make_authority("Timestamp Root", rsa_key()).certificate.public_bytes(Encoding.PEM))
        assert not step.holds(folder)
        rogue.write_bytes(true)
        assert value in (folder.parent / "check" / f"{file}.pdf.sig0").read_bytes()


def test_a_seal_under_an_intermediate_has_its_whole_chain(contract_of, unpack, use_seal):
    root = make_authority()
    key = ec.generate_private_key(ec.SECP256R1())
    below = issue_authority("Issuing CA", key, root)
    use_seal(authority=Authority(below, key), other_roots=(root.certificate,))
    folder = unpack(contract_of("order contract"))
    assert (folder / READS).read_text().count("BEGIN CERTIFICATE") == 2
    assert load_pem_x509_certificate((folder / "certificates" / "root-1.pem").read_bytes()) == root.certificate
    assert failing(folder) == []


def issue_authority(subject: str, key: ec.EllipticCurvePrivateKey, root: Authority):
    """A certificate authority below `root`: `issue` makes only leaves under an authority, so it is built from one."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    leaf = issue(subject, key, authority=root, usage=frozenset({"key_cert_sign", "crl_sign"}))
    builder = (
        x509.CertificateBuilder()
        .subject_name(leaf.subject)
        .issuer_name(leaf.issuer)
        .public_key(key.public_key())
        .serial_number(leaf.serial_number)
        .not_valid_before(leaf.not_valid_before_utc)
        .not_valid_after(leaf.not_valid_after_utc)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    for extension in leaf.extensions:
        if not isinstance(extension.value, x509.BasicConstraints):
            builder = builder.add_extension(extension.value, critical=extension.critical)
    return builder.sign(root.key, hashes.SHA256())


def test_revoked_since_is_said_by_openssl(contract_of, unpack, use_seal, settings, tmp_path):
    root = make_authority()
    use_seal(authority=root)
    lists = tmp_path / "lists"
    lists.mkdir()
    settings.SEAL_CRL = str(lists)
    (lists / "1.crl").write_bytes(make_crl(root))
    contract = contract_of("order contract")
    assert failing(unpack(contract)) == []
    revoked = configured_seal().certificate
    (lists / "2.crl").write_bytes(
        make_crl(root, revoked, at=datetime.now(UTC) + timedelta(minutes=1), made=timedelta(minutes=-1))
    )
    (tmp_path / contract.number).rename(tmp_path / "before")
    use_seal(authority=root)  # the revoked key signs no more bundles
    folder = unpack(contract)
    step = step_that(folder, "-CRLfile certificates/list-2.crl", "../check/official.pem")
    assert failing(folder) == [step.title]
    assert "certificate revoked" in step.run(folder)


def test_a_list_that_is_out_of_date_still_tells(contract_of, unpack, use_seal, settings, tmp_path):
    root = make_authority()
    use_seal(authority=root)
    contract = contract_of("order contract")
    (tmp_path / "old.crl").write_bytes(make_crl(root, made=timedelta(days=-60), next_due=timedelta(days=-30)))
    settings.SEAL_CRL = str(tmp_path / "old.crl")
    folder = unpack(contract)
    assert failing(folder) == []
    assert step_that(folder, "-crl_check")


def test_lists_of_other_issuers_stay_out(contract_of, unpack, use_seal, settings, tmp_path):
    use_seal()
    contract = contract_of("order contract")
    (tmp_path / "other.crl").write_bytes(make_crl(make_authority("Another CA")))
    settings.SEAL_CRL = str(tmp_path / "other.crl")
    assert not list((unpack(contract) / "certificates").glob("*.crl"))


def test_a_contract_sealed_under_an_earlier_root_and_voided_under_a_new_one(
    actor, unpack, use_seal, settings, tmp_path
):
    from contracts.services import approve_void, request_void
    from tests.factories import official, staff

    old = make_authority("Old Root")
    use_seal(authority=old)
    ticket = request_void(contract=official(actor), reason="renamed", by=actor)
    (tmp_path / "old.pem").write_bytes(old.certificate.public_bytes(Encoding.PEM))
    settings.SEAL_ROOTS = str(tmp_path / "old.pem")
    use_seal(authority=make_authority("New Root"))
    folder = unpack(approve_void(ticket=ticket, by=staff()).contract)
    assert sorted(file.name for file in (folder / "certificates").glob("root-*")) == ["root-1.pem", "root-2.pem"]
    assert failing(folder) == []


def test_a_seal_that_has_expired_since_is_judged_as_of_then(contract_of, unpack, use_seal):
    """The commands are run by the real clock, on which the certificate has expired."""
    import time_machine

    with time_machine.travel(datetime.now(UTC) - timedelta(days=90)):
        use_seal(authority=make_authority(), ends=timedelta(days=30))
        folder = unpack(contract_of("order contract"))
    assert failing(folder) == []
