"""Certificates and CRLs that several threads may share.

asn1crypto is lazy in two ways that threads disturb each other by. It sets a class up when its first instance is made,
and another thread sees the half-built class (KeyError). And it parses a value when it is first read, and another thread
sees the half-filled list of its children. So all classes are set up when this module is loaded, and what is kept for
later is read to its ends before anybody else sees it.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from asn1crypto import cms, core, crl, ocsp, tsp, x509  # noqa: F401 - all, so that their classes are there
from pyhanko.sign import validation  # noqa: F401 - so that its classes are there
from pyhanko_certvalidator import asn1_types  # noqa: F401 - as above


def set_up_classes() -> None:
    """Set up every ASN.1 class that is loaded by now. Call this before there are threads."""
    for cls in _subclasses(core.Asn1Value):
        with suppress(Exception):  # a few cannot be made without a value: they have nothing to set up
            cls()


def _subclasses(cls: Any) -> Iterator[Any]:
    for child in cls.__subclasses__():
        yield child
        yield from _subclasses(child)


def certificate_from(der: bytes) -> x509.Certificate:
    """The certificate, read to its ends. Raises ValueError or TypeError for what is none."""
    certificate = x509.Certificate.load(der, strict=True)
    _read(certificate)
    for part in (certificate.subject, certificate.issuer, certificate.public_key):
        _read(part)
    return certificate


def crl_from(der: bytes) -> crl.CertificateList:
    """The CRL, read to its ends but for its entries, of which there may be 100,000: copy it to read those."""
    parsed = crl.CertificateList.load(der, strict=True)
    tbs = parsed["tbs_cert_list"]
    for name in ("issuer", "this_update", "next_update", "signature"):
        _read(tbs[name])
    _read(parsed["signature_algorithm"])
    return parsed


def prepared(value: core.Asn1Value) -> Any:
    """`value` itself, read to its ends."""
    _read(value)
    return value


def _read(value: core.Asn1Value) -> None:
    """Have `value` compute all that it computes when first asked for."""
    value.native  # noqa: B018 - parses it and everything in it
    for cls in type(value).__mro__:
        for name, member in vars(cls).items():
            if isinstance(member, property):
                with suppress(Exception):  # it has no such thing
                    getattr(value, name)
    value.dump()  # encodes the header, which reading may have discarded


set_up_classes()
