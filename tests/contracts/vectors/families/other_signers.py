"""The same draft under seals that look like ours."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from pyhanko.sign.attributes import SignedAttributeProviderSpec, SigningCertificateV2Provider
from pyhanko.sign.fields import SigSeedSubFilter

from tests.contracts.vectors import keys
from tests.contracts.vectors.forging import seal_as
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.vector import vector


def _sealed(kit: Kit, holder: Any, **how: Any) -> bytes:
    kept = kit["order"]
    return seal_as(kept.draft, holder, number=kept.number, issuer_name=kit.issuer_name, **how)


@vector(
    "Sealed by a root and a seal of the very names of ours.",
    findings="not_ours",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=("pdfsig -nocert does not ask who issued the certificate, and anybody may write our names into one."),
)
def rogue_authority(kit: Kit) -> bytes:
    return _sealed(kit, keys.issue(keys.another_root(kit.ours.root), kit.ours.seal))


@vector(
    "Sealed with a certificate that its own key signed.",
    findings="not_ours",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=("pdfsig -nocert does not ask who issued the certificate, and anybody may write our names into one."),
)
def self_signed(kit: Kit) -> bytes:
    return _sealed(kit, keys.self_signed(kit.ours.seal))


@vector(
    "Signed with a rogue key, and our certificate put in.",
    findings="not_ours",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="invalid total",
)
def our_certificate_without_our_key(kit: Kit) -> bytes:
    return _sealed(
        kit, keys.Holder(keys.self_signed(kit.ours.seal).key, kit.ours.seal.certificate, (kit.ours.root.certificate,))
    )


@vector(
    "Sealed with our very key, and never registered.",
    findings="not_registered",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because=(
        "The signature is our key's, but every file that we seal is registered and this is none: the key was "
        "used by others."
    ),
)
def our_key(kit: Kit) -> bytes:
    return _sealed(kit, kit.ours.seal)


@vector(
    "Sealed with our very key on another customer's draft, with this contract's number on it.",
    findings="not_registered",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because=(
        "The signature is our key's, but every file that we seal is registered and this is none: the key was "
        "used by others."
    ),
)
def our_key_on_another_draft(kit: Kit) -> bytes:
    return seal_as(kit["other"].draft, kit.ours.seal, number=kit["order"].number, issuer_name=kit.issuer_name)


@vector(
    "Sealed with our very key as an approval, not as a certification.",
    findings="not_registered",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because=(
        "The signature is our key's, but every file that we seal is registered and this is none: the key was "
        "used by others."
    ),
)
def our_key_without_certifying(kit: Kit) -> bytes:
    return _sealed(kit, kit.ours.seal, certify=False)


@vector(
    "Sealed with our very key in the older format of Acrobat.",
    findings="not_registered",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because=(
        "The signature is our key's, but every file that we seal is registered and this is none: the key was "
        "used by others."
    ),
)
def our_key_in_the_older_format(kit: Kit) -> bytes:
    return _sealed(kit, kit.ours.seal, subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED)


@vector(
    "Sealed under our root with a certificate that lacks nonRepudiation.",
    findings="not_ours",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=("pdfsig -nocert does not ask what the certificate may be used for, and this one may not bind anybody."),
)
def certificate_without_non_repudiation(kit: Kit) -> bytes:
    return _sealed(kit, keys.issue(kit.ours.root, kit.ours.seal, non_repudiation=False))


@vector(
    "Sealed under our root with a certificate that had expired.",
    findings="certificate_expired not_registered",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because="pdfsig -nocert does not ask how long the certificate was valid: not when it sealed.",
)
def expired_certificate(kit: Kit) -> bytes:
    return _sealed(kit, keys.issue(kit.ours.root, kit.ours.seal, ends=keys.NOON - keys.MONTH))


@vector(
    "Sealed over an MD5 digest.",
    findings="not_ours",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def md5(kit: Kit) -> bytes:
    return _sealed(kit, _rsa_of_ours(kit), md_algorithm="md5")


@vector(
    "Sealed over a SHA-1 digest.",
    findings="not_ours",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because="pdfsig accepts SHA-1, for which two contents of one digest can be made.",
)
def sha1(kit: Kit) -> bytes:
    return _sealed(kit, _rsa_of_ours(kit), md_algorithm="sha1")


def _rsa_of_ours(kit: Kit) -> keys.Holder:
    return keys.issue(kit.ours.root, kit.ours.seal, key=rsa.generate_private_key(65537, 2048))


@vector(
    "The signed attribute that names the signing certificate names another one.",
    findings="not_ours",
    pyhanko="refused",
    pdfsig="valid total",
    because=(
        "pdfsig does not compare the attribute with the certificate, so another with the same key could take "
        "its place (RFC 5035)."
    ),
)
def wrong_signing_certificate(kit: Kit) -> bytes:
    signer = kit.ours.seal.signer
    signer.signed_attr_prov_spec = _NamesAnother(keys.for_pyhanko(keys.self_signed(kit.ours.seal).certificate))
    return _sealed(kit, signer)


class _NamesAnother(SignedAttributeProviderSpec):
    def __init__(self, certificate: Any) -> None:
        self.certificate = certificate

    def signed_attr_providers(self, data_digest: bytes, digest_algorithm: str) -> list[Any]:
        return [SigningCertificateV2Provider(self.certificate)]


@vector(
    "Sealed with a key of ours that was revoked before.",
    findings="certificate_revoked not_registered",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because=(
        "Neither was given the list of revoked certificates (SEAL_CRL), and the seal is on it from before it sealed."
    ),
)
def revoked_certificate(kit: Kit) -> bytes:
    return _sealed(kit, kit.ours.revoked)
