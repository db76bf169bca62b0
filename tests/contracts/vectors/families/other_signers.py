"""The same draft under seals that look like ours."""

from typing import Any

from pyhanko.sign.attributes import SignedAttributeProviderSpec, SigningCertificateV2Provider
from pyhanko.sign.fields import SigSeedSubFilter

from tests.contracts.vectors import keys
from tests.contracts.vectors.forging import seal_as
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.reasons import ANY_DATE, ANY_ISSUER, ANY_KEY, ANY_USE, UNKNOWN_LIST, UNREGISTERED
from tests.contracts.vectors.vector import vector


def _sealed(kit: Kit, holder: Any, **how: Any) -> bytes:
    kept = kit["order"]
    return seal_as(kept.draft, holder, number=kept.number, issuer_name=kit.issuer_name, **how)


@vector(
    "A root and a seal of our names.",
    findings="not_ours",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=ANY_ISSUER,
)
def rogue_authority(kit: Kit) -> bytes:
    return _sealed(kit, keys.issue(keys.another_root(kit.ours.root), kit.ours.seal))


@vector(
    "A self-signed certificate of our name.",
    findings="not_ours",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=ANY_ISSUER,
)
def self_signed(kit: Kit) -> bytes:
    return _sealed(kit, keys.self_signed(kit.ours.seal))


@vector(
    "Another key, with our certificate.",
    findings="not_ours",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="invalid total",
)
def our_certificate_without_our_key(kit: Kit) -> bytes:
    return _sealed(
        kit, keys.Holder(keys.self_signed(kit.ours.seal).key, kit.ours.seal.certificate, (kit.ours.root.certificate,))
    )


@vector(
    "A rival's certificate under our root.",
    findings="not_ours",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because=ANY_KEY,
)
def rival_under_our_root(kit: Kit) -> bytes:
    return _sealed(kit, keys.issue(kit.ours.root, kit.ours.seal))


@vector(
    "Our key, never registered.",
    findings="not_registered",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because=UNREGISTERED,
)
def our_key(kit: Kit) -> bytes:
    return _sealed(kit, kit.ours.seal)


@vector(
    "Our key on another customer's draft.",
    findings="not_registered",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because=UNREGISTERED,
)
def our_key_on_another_draft(kit: Kit) -> bytes:
    return seal_as(kit["other"].draft, kit.ours.seal, number=kit["order"].number, issuer_name=kit.issuer_name)


@vector(
    "Our key; an approval instead of a certification.",
    findings="not_registered",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because=UNREGISTERED,
)
def our_key_without_certifying(kit: Kit) -> bytes:
    return _sealed(kit, kit.ours.seal, certify=False)


@vector(
    "Our key; the older format of Acrobat.",
    findings="not_registered",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because=UNREGISTERED,
)
def our_key_in_the_older_format(kit: Kit) -> bytes:
    return _sealed(kit, kit.ours.seal, subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED)


@vector(
    "A rival's certificate, in a format without CMS.",
    findings="not_ours",
    pyhanko="no signature",
    pdfsig="not verified total",
)
def rival_without_cms(kit: Kit) -> bytes:
    rival = keys.issue(kit.ours.root, kit.ours.seal)
    return _sealed(kit, rival).replace(b"/SubFilter /ETSI.CAdES.detached", b"/SubFilter /adbe.x509.rsa_sha1 ")


@vector(
    "A certificate without nonRepudiation.",
    findings="not_ours",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=ANY_USE,
)
def certificate_without_non_repudiation(kit: Kit) -> bytes:
    return _sealed(kit, keys.issue(kit.ours.root, kit.ours.seal, key=kit.ours.seal.key, non_repudiation=False))


@vector(
    "An expired certificate.",
    findings="certificate_expired not_registered",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=ANY_DATE,
)
def expired_certificate(kit: Kit) -> bytes:
    expired = keys.issue(kit.ours.root, kit.ours.seal, key=kit.ours.seal.key, ends=keys.NOON - keys.MONTH)
    return _sealed(kit, expired)


@vector(
    "An MD5 digest.",
    findings="not_ours",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def md5(kit: Kit) -> bytes:
    return _sealed(kit, kit.ours.rsa, md_algorithm="md5")


@vector(
    "A SHA-1 digest.",
    findings="not_ours",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because="pdfsig accepts SHA-1, for which collisions are known.",
)
def sha1(kit: Kit) -> bytes:
    return _sealed(kit, kit.ours.rsa, md_algorithm="sha1")


@vector(
    "The signed attribute names another certificate.",
    findings="not_ours",
    pyhanko="refused",
    pdfsig="valid total",
    because="pdfsig ignores the attribute, so another certificate of the same key could take its place (RFC 5035).",
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
    "A revoked certificate.",
    findings="certificate_revoked not_registered",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because=UNKNOWN_LIST,
)
def revoked_certificate(kit: Kit) -> bytes:
    return _sealed(kit, kit.ours.revoked)
