"""Games with the timestamp in a seal: taken away, exchanged, of another server, time or value."""

import asyncio
import hashlib
from datetime import datetime, timedelta
from functools import partial

from asn1crypto import cms
from pyhanko.sign.timestamps import DummyTimeStamper

from tests.contracts.vectors import keys
from tests.contracts.vectors.changing import signed_data_of
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.reasons import NO_TIMESTAMPS, UNREGISTERED
from tests.contracts.vectors.signatures import attribute, edited, signer_of, value_of, with_unsigned
from tests.contracts.vectors.vector import vector

stamped = partial(
    vector,
    findings="changed timestamp",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=NO_TIMESTAMPS,
)


@stamped("Timestamp removed.", findings="timestamp_removed", pyhanko="valid ENTIRE_FILE")
def stripped(kit: Kit) -> bytes:
    def change(data: cms.SignedData) -> None:
        del signer_of(data)["unsigned_attrs"]

    return edited(kit["stamped"].sealed, change)


@stamped("Of another contract.")
def of_another_contract(kit: Kit) -> bytes:
    token = signer_of(signed_data_of(kit["stamped_elsewhere"].sealed))["unsigned_attrs"][0]
    return edited(kit["stamped"].sealed, lambda data: with_unsigned(data, token))


@stamped("Trusted server, over another value.")
def over_another_value(kit: Kit) -> bytes:
    return _stamped(kit, kit.ours.tsa_root, over=b"another value")


@stamped("Server under our seal's root: trusted too.", findings="changed", because=UNREGISTERED)
def under_the_root_of_the_seal(kit: Kit) -> bytes:
    return _stamped(kit, kit.ours.root)


@stamped("Certificate of no timestamp server.")
def without_the_purpose(kit: Kit) -> bytes:
    seal = keys.issue(kit.ours.tsa_root, kit.ours.seal, key=keys.rsa_key())
    return _with_token(kit, DummyTimeStamper(seal.signer.signing_cert, seal.signer.signing_key))


@stamped("Server of the trusted one's names.")
def under_a_rogue_root(kit: Kit) -> bytes:
    return _stamped(kit, keys.another_root(kit.ours.tsa_root))


@stamped(
    "Trusted server, before the seal's certificate began.",
    findings="changed",
    pyhanko="valid ENTIRE_FILE",
)
def from_before_the_certificate(kit: Kit) -> bytes:
    return _stamped(kit, kit.ours.tsa_root, at=keys.BEGINS - keys.YEAR)


@stamped("Trusted server, next year.", findings="changed", pyhanko="valid ENTIRE_FILE")
def from_the_future(kit: Kit) -> bytes:
    return _stamped(kit, kit.ours.tsa_root, at=keys.NOON + timedelta(days=300))


@stamped("A signature of the seal instead.", findings="not_ours", pyhanko="refused")
def no_timestamp(kit: Kit) -> bytes:
    def change(data: cms.SignedData) -> None:
        content = {"content_type": "signed_data", "content": value_of(kit["order"].sealed)["content"]}
        with_unsigned(data, attribute("signature_time_stamp_token", cms.ContentInfo(content)))

    return edited(kit["stamped"].sealed, change)


@stamped("Two, the trusted one first.", findings="not_ours", pyhanko="refused")
def two_timestamps(kit: Kit) -> bytes:
    def change(data: cms.SignedData) -> None:
        ours = signer_of(data)["unsigned_attrs"][0]
        other = _token(keys.timestamper(keys.another_root(kit.ours.root)), data)
        other["values"][0]["content"]["certificates"] = cms.CertificateSet([])  # there is no room for them
        with_unsigned(data, ours, other)

    return edited(kit["stamped"].sealed, change)


def _stamped(kit: Kit, root: keys.Holder, *, over: bytes = b"", at: datetime | None = None) -> bytes:
    server = keys.timestamper(root)
    server.fixed_dt = at
    return _with_token(kit, server, over=over)


def _with_token(kit: Kit, server: DummyTimeStamper, *, over: bytes = b"") -> bytes:
    """Return the file with another timestamp, over the signature or over another value."""
    return edited(kit["stamped"].sealed, lambda data: with_unsigned(data, _token(server, data, over=over)))


def _token(server: DummyTimeStamper, data: cms.SignedData, *, over: bytes = b"") -> cms.CMSAttribute:
    digest = hashlib.sha256(over or signer_of(data)["signature"].native).digest()
    return attribute("signature_time_stamp_token", asyncio.run(server.async_timestamp(digest, "sha256")))
