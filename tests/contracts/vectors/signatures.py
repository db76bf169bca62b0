"""Signature values: those of a file edited, and others put in their place."""

import asyncio
import hashlib
from collections.abc import Callable

from asn1crypto import cms, core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.contracts.vectors.changing import gap_of
from tests.contracts.vectors.keys import Holder

Change = Callable[[cms.SignedData], object]


def covered(content: bytes) -> bytes:
    """Return the bytes that the last signature covers by its /ByteRange, or would."""
    gap = gap_of(content)
    return content[: gap.start] + content[gap.end :]


def with_value(content: bytes, value: bytes) -> bytes:
    """Return the file with another signature value in the same room."""
    gap = gap_of(content)
    room = gap.end - gap.start - 2
    digits = value.hex().upper().encode()
    assert len(digits) <= room
    return content[: gap.start + 1] + digits.ljust(room, b"0") + content[gap.end - 1 :]


def value_of(content: bytes) -> cms.ContentInfo:
    return cms.ContentInfo.load(bytes.fromhex(gap_of(content).hex_of(content).decode()), strict=False)


def edited(content: bytes, change: Change) -> bytes:
    """Return the file with its own signature value changed."""
    value = value_of(content)
    change(value["content"])
    return with_value(content, value.dump())


def signed_by(holder: Holder, data: bytes, change: Change = lambda _: None, *, md: str = "sha256") -> bytes:
    """Return a holder's signature value over `data`, changed afterwards."""
    digest = hashlib.new(md, data).digest()
    value = asyncio.run(holder.signer.async_sign(digest, md, use_pades=True))
    change(value["content"])
    return value.dump()


def resigned(content: bytes, holder: Holder, change: Change = lambda _: None, *, md: str = "sha256") -> bytes:
    """Return the file with a holder's signature over the same bytes, changed afterwards."""
    return with_value(content, signed_by(holder, covered(content), change, md=md))


def signer_of(data: cms.SignedData) -> cms.SignerInfo:
    return data["signer_infos"][0]


def sign_attributes(signer: cms.SignerInfo, holder: Holder) -> None:
    """Sign the signed attributes again, with ECDSA and SHA-256."""
    assert isinstance(holder.key, ec.EllipticCurvePrivateKey)
    attributes = signer["signed_attrs"].untag().dump(force=True)
    signer["signature"] = holder.key.sign(attributes, ec.ECDSA(hashes.SHA256()))


def attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": (value,)})


def without_attribute(attributes: cms.CMSAttributes, kind: str) -> cms.CMSAttributes:
    return cms.CMSAttributes([one for one in attributes if one["type"].native != kind])


def with_unsigned(data: cms.SignedData, *attributes: cms.CMSAttribute) -> None:
    signer_of(data)["unsigned_attrs"] = cms.CMSAttributes(list(attributes))


def junk_attribute(size: int) -> cms.CMSAttribute:
    """Return an attribute of a private type."""
    value = core.OctetString(b"\xff" * size)
    return cms.CMSAttribute({"type": "1.3.6.1.4.1.55555.1", "values": (core.Any(value),)})
