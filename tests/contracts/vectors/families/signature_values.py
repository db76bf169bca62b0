"""Games with the signature's value (CMS): signers, attributes, algorithms and encodings.

"Ours" is the seal's own signature with something changed that it does not cover. The others are signed by our very
key over the same file, as after a leak, or by another key.
"""

from functools import partial

from asn1crypto import algos, cms, core
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from tests.contracts.vectors import keys
from tests.contracts.vectors.changing import gap_of
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.reasons import OTHER_BYTES, UNREGISTERED
from tests.contracts.vectors.signatures import (
    attribute,
    covered,
    edited,
    junk_attribute,
    resigned,
    sign_attributes,
    signed_by,
    signer_of,
    value_of,
    with_unsigned,
    with_value,
    without_attribute,
)
from tests.contracts.vectors.vector import vector

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ONE_SIGNER = "pdfsig judges one of several signers; a PDF signature has only one (ISO 32000-2, 12.8.3.3)."
ours = partial(vector, findings="changed", pyhanko="valid ENTIRE_FILE", pdfsig="valid total", because=OTHER_BYTES)
by_our_key = partial(
    vector, findings="changed", pyhanko="valid ENTIRE_FILE", pdfsig="valid total", because=UNREGISTERED
)
forged = partial(vector, findings="not_ours", pyhanko="invalid ENTIRE_FILE", pdfsig="invalid total")


@ours("Ours, with n-s for s (ECDSA accepts both).")
def malleable(kit: Kit) -> bytes:
    def change(data: cms.SignedData) -> None:
        r, s = decode_dss_signature(signer_of(data)["signature"].native)
        signer_of(data)["signature"] = encode_dss_signature(r, P256_ORDER - s)

    changed = edited(kit["order"].sealed, change)
    gap = gap_of(changed)
    return changed[: gap.start] + changed[gap.start : gap.end].lower() + changed[gap.end :]


@ours("Ours, with an unsigned attribute.")
def unsigned_attribute(kit: Kit) -> bytes:
    return edited(kit["order"].sealed, lambda data: with_unsigned(data, junk_attribute(400)))


@ours("Ours, with an indefinite length (BER).")
def indefinite_length(kit: Kit) -> bytes:
    value = value_of(kit["order"].sealed)
    return with_value(kit["order"].sealed, b"\x30\x80" + value.contents + b"\0\0")


@ours("Ours, with a rival's certificate beside it.")
def rival_certificate_added(kit: Kit) -> bytes:
    rival = keys.for_pyhanko(keys.issue(kit.ours.root, kit.ours.seal).certificate)
    return edited(
        kit["order"].sealed, lambda data: data["certificates"].append(cms.CertificateChoices("certificate", rival))
    )


@forged("Ours, with a rival's certificate instead.", pyhanko="refused", pdfsig="unknown failure total")
def rival_certificate(kit: Kit) -> bytes:
    rival = keys.for_pyhanko(keys.issue(kit.ours.root, kit.ours.seal).certificate)

    def change(data: cms.SignedData) -> None:
        data["certificates"] = cms.CertificateSet([cms.CertificateChoices("certificate", rival)])
        signer_of(data)["sid"].chosen["serial_number"] = rival.serial_number

    return edited(kit["order"].sealed, change)


@forged("Ours, without certificates.", pyhanko="refused", pdfsig="unknown failure total")
def no_certificates(kit: Kit) -> bytes:
    def change(data: cms.SignedData) -> None:
        data["certificates"] = cms.CertificateSet([])

    return edited(kit["order"].sealed, change)


@forged("Ours, without signers.", pyhanko="unreadable", pdfsig="unknown failure total")
def no_signers(kit: Kit) -> bytes:
    def change(data: cms.SignedData) -> None:
        data["signer_infos"] = cms.SignerInfos([])

    return edited(kit["order"].sealed, change)


@forged("A rival's and ours in one value.", pyhanko="unreadable", pdfsig="valid total", because=ONE_SIGNER)
def two_signers(kit: Kit) -> bytes:
    rival = cms.ContentInfo.load(signed_by(keys.issue(kit.ours.root, kit.ours.seal), covered(kit["order"].sealed)))

    def change(data: cms.SignedData) -> None:
        data["signer_infos"] = cms.SignerInfos([signer_of(rival["content"]), signer_of(data)])
        data["certificates"] = cms.CertificateSet([data["certificates"][0], rival["content"]["certificates"][0]])

    return edited(kit["order"].sealed, change)


@forged("Ours twice in one value.", pyhanko="unreadable", pdfsig="valid total", because=ONE_SIGNER)
def one_signer_twice(kit: Kit) -> bytes:
    def change(data: cms.SignedData) -> None:
        data["signer_infos"] = cms.SignerInfos([signer_of(data), signer_of(data)])

    return edited(kit["order"].sealed, change)


@forged("Plain data instead of a signature.", pyhanko="unreadable", pdfsig="unknown failure total")
def no_signed_data(kit: Kit) -> bytes:
    return with_value(kit["order"].sealed, cms.ContentInfo({"content_type": "data", "content": b"sealed"}).dump())


@forged("Ours, with r = s = 0.")
def zero_signature(kit: Kit) -> bytes:
    def change(data: cms.SignedData) -> None:
        signer_of(data)["signature"] = encode_dss_signature(0, 0)

    return edited(kit["order"].sealed, change)


@forged("Ours, with an empty signature.")
def empty_signature(kit: Kit) -> bytes:
    def change(data: cms.SignedData) -> None:
        signer_of(data)["signature"] = b""

    return edited(kit["order"].sealed, change)


@by_our_key("Our key; no signed attributes.")
def no_signed_attributes(kit: Kit) -> bytes:
    data = covered(kit["order"].sealed)

    def change(signed: cms.SignedData) -> None:
        signer = signer_of(signed)
        signer["signed_attrs"] = None
        signer["signature"] = kit.ours.seal.key.sign(data, ec.ECDSA(keys.hashes.SHA256()))  # type: ignore[call-arg,arg-type]

    return resigned(kit["order"].sealed, kit.ours.seal, change)


@forged("Our key; no digest among the signed attributes.", pyhanko="refused", pdfsig="unknown failure total")
def no_message_digest(kit: Kit) -> bytes:
    return _with_attributes(kit, lambda attributes: without_attribute(attributes, "message_digest"))


@forged("Our key; two digests, the right one first.", pyhanko="refused", pdfsig="unknown failure total")
def two_message_digests(kit: Kit) -> bytes:
    second = attribute("message_digest", bytes(32))
    return _with_attributes(kit, lambda attributes: cms.CMSAttributes([*attributes, second]))


@forged(
    "Our key; another content type.",
    pyhanko="refused",
    pdfsig="valid total",
    because="pdfsig ignores that the attribute contradicts the content (RFC 5652).",
)
def wrong_content_type(kit: Kit) -> bytes:
    other = attribute("content_type", "enveloped_data")
    return _with_attributes(
        kit, lambda attributes: cms.CMSAttributes([*without_attribute(attributes, "content_type"), other])
    )


@by_our_key("Our key; a signing time in 1999.", findings="certificate_expired changed")
def signed_in_the_past(kit: Kit) -> bytes:
    return _with_attributes(kit, _signed_in("990101000000Z"))


@by_our_key("Our key; a signing time in 2049.")
def signed_in_the_future(kit: Kit) -> bytes:
    return _with_attributes(kit, _signed_in("490101000000Z"))


@forged("Our key; another content brought along.", pyhanko="refused", pdfsig="digest mismatch total")
def encapsulated_content(kit: Kit) -> bytes:
    def change(data: cms.SignedData) -> None:
        data["encap_content_info"] = {"content_type": "data", "content": b"another content"}

    return resigned(kit["order"].sealed, kit.ours.seal, change)


@forged("Our key; SHA-512 named for SHA-256.", pdfsig="invalid total")
def wrong_digest_algorithm(kit: Kit) -> bytes:
    def change(data: cms.SignedData) -> None:
        signer_of(data)["digest_algorithm"] = {"algorithm": "sha512"}

    return resigned(kit["order"].sealed, kit.ours.seal, change)


@forged("Our key; RSA named for ECDSA.", pyhanko="unreadable", pdfsig="unknown failure total")
def wrong_signature_algorithm(kit: Kit) -> bytes:
    def change(data: cms.SignedData) -> None:
        signer_of(data)["signature_algorithm"] = {"algorithm": "sha256_rsa"}

    return resigned(kit["order"].sealed, kit.ours.seal, change)


@forged("A key on another curve, with our certificate.")
def another_curve(kit: Kit) -> bytes:
    stranger = keys.Holder(ec.generate_private_key(ec.SECP384R1()), kit.ours.seal.certificate)

    def change(data: cms.SignedData) -> None:
        sign_attributes(signer_of(data), stranger)

    return resigned(kit["order"].sealed, kit.ours.seal, change)


@forged("An RSA key; PSS named for PKCS #1 v1.5.")
def pss_for_pkcs1(kit: Kit) -> bytes:
    stranger = keys.issue(kit.ours.root, kit.ours.seal, key=keys.rsa_key())

    def change(data: cms.SignedData) -> None:
        parameters = algos.RSASSAPSSParams({"hash_algorithm": {"algorithm": "sha256"}, "salt_length": 32})
        signer_of(data)["signature_algorithm"] = {"algorithm": "rsassa_pss", "parameters": parameters}

    return resigned(kit["order"].sealed, stranger, change)


@by_our_key("Our key; named by its key identifier.", pdfsig="unknown failure total")
def signer_by_key_identifier(kit: Kit) -> bytes:
    identifier = keys.for_pyhanko(kit.ours.seal.certificate).key_identifier

    def change(data: cms.SignedData) -> None:
        signer_of(data)["sid"] = cms.SignerIdentifier("subject_key_identifier", identifier)

    return resigned(kit["order"].sealed, kit.ours.seal, change)


def _with_attributes(kit: Kit, change_attributes: object) -> bytes:
    """Return the file signed by our key over other signed attributes."""

    def change(data: cms.SignedData) -> None:
        signer = signer_of(data)
        signer["signed_attrs"] = change_attributes(signer["signed_attrs"])
        sign_attributes(signer, kit.ours.seal)

    return resigned(kit["order"].sealed, kit.ours.seal, change)


def _signed_in(time: str):
    value = attribute("signing_time", cms.Time("utc_time", core.UTCTime(time)))
    return lambda attributes: cms.CMSAttributes([*without_attribute(attributes, "signing_time"), value])
