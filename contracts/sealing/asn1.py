"""Certificates and CRLs that threads can share.

asn1crypto is lazy in two ways that are not thread-safe. It sets up a class when its first instance is created, and
another thread may see the half-built class (KeyError). It parses a value on first access, and another thread may see
the half-filled list of children. So all classes are set up when this module is imported, and values are parsed
completely before they are shared.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from asn1crypto import cms, core, crl, ocsp, tsp, x509  # noqa: F401 - all, so that their classes are there
from pyhanko.sign import validation  # noqa: F401 - so that its classes are there
from pyhanko_certvalidator import asn1_types  # noqa: F401 - as above


def set_up_classes() -> None:
    """Set up every loaded ASN.1 class. Call it before starting threads."""
    for cls in _subclasses(core.Asn1Value):
        with suppress(Exception):  # a few need a value to be created; they need no setup
            cls()


def _subclasses(cls: Any) -> Iterator[Any]:
    for child in cls.__subclasses__():
        yield child
        yield from _subclasses(child)


def certificate_from(der: bytes) -> x509.Certificate:
    """Return a completely parsed certificate. Raises ValueError or TypeError if it is not one."""
    certificate = x509.Certificate.load(der, strict=True)
    _parse(certificate)
    for part in (certificate.subject, certificate.issuer, certificate.public_key):
        _parse(part)
    return certificate


def crl_from(der: bytes) -> crl.CertificateList:
    """Return a CRL, parsed except for its entries (up to 100,000). Copy it to read those."""
    parsed = crl.CertificateList.load(der, strict=True)
    tbs = parsed["tbs_cert_list"]
    for name in ("issuer", "this_update", "next_update", "signature"):
        _parse(tbs[name])
    _parse(parsed["signature_algorithm"])
    return parsed


def prepared(value: core.Asn1Value) -> Any:
    """Parse `value` completely and return it."""
    _parse(value)
    return value


def _parse(value: core.Asn1Value) -> None:
    """Make `value` compute all its lazy attributes."""
    value.native  # noqa: B018 - parses the value and its children
    for cls in type(value).__mro__:
        for name, member in vars(cls).items():
            if isinstance(member, property):
                with suppress(Exception):  # not applicable to this value
                    getattr(value, name)
    value.dump()  # encodes the header again, which parsing may have discarded


set_up_classes()
