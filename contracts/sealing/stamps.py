"""Timestamps (RFC 3161) over a hash, as files of their own: requested, read and validated."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms
from django.conf import settings
from django.utils.translation import gettext as _
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus

from contracts.sealing.certificates import Chain, chain_of_token
from contracts.sealing.signer import SealServerFailed, SealUnavailable
from contracts.sealing.timestamps import timestamper
from contracts.sealing.trust import timestamp_context, trust, unless_revoked

ALGORITHM = "sha256"


@dataclass(frozen=True, slots=True)
class Stamp:
    """A timestamp of `digest` at the server's time (aware)."""

    at: datetime
    digest: str
    """SHA-256 in hex."""
    chain: Chain

    @property
    def ends_at(self) -> datetime:
        """Return when the first certificate of the chain ends, the root included."""
        return min(one.not_valid_after_utc for one in (*self.chain.certificates, self.chain.root))


def request_stamp(digest: str) -> bytes:
    """Return a timestamp of a SHA-256 in hex from the server of SEAL_TSA_URL, in DER. Raises SealServerFailed."""
    requesting = timestamper(settings.SEAL_TSA_URL).async_timestamp(bytes.fromhex(digest), ALGORITHM)
    try:
        return asyncio.run(requesting).dump()
    except TimestampRequestError as error:
        raise SealServerFailed(
            _("The timestamp server %(url)s failed: %(error)s.") % {"url": settings.SEAL_TSA_URL, "error": error}
        ) from error


def read_stamp(token: bytes) -> Stamp:
    """Read a timestamp without validating it. Raises SealUnavailable if it is none, or is under no root of ours."""
    try:
        content = cms.ContentInfo.load(token, strict=True)
        info = content["content"]["encap_content_info"]["content"].parsed
        imprint = info["message_imprint"]
        at, algorithm = info["gen_time"].native, imprint["hash_algorithm"]["algorithm"].native
        digest = imprint["hashed_message"].native.hex() if algorithm == ALGORITHM else ""
        return Stamp(at, digest, chain_of_token(content, trust()))
    except (ValueError, TypeError, KeyError, AttributeError, StopIteration) as error:
        raise SealUnavailable(_("The timestamp cannot be read: %(error)s") % {"error": error}) from error


def validate_stamp(token: bytes, digest: str, *, at: datetime | None) -> None:
    """Require that `token` is a trusted server's timestamp of this SHA-256, as of `at` (aware; None is now).

    Raises SealUnavailable naming what fails.
    """
    trusted = trust()

    def expected(algorithm: str) -> bytes:
        return bytes.fromhex(digest) if algorithm == ALGORITHM else b""

    try:
        signed = cms.ContentInfo.load(token, strict=True)["content"]
        validating = validate_tst_signed_data(signed, timestamp_context(trusted, at=at), expected)
        fields: dict[str, Any] = asyncio.run(validating)
        status = unless_revoked(TimestampSignatureStatus(**fields), trusted.crls, at=at)
    except (SignatureValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SealUnavailable(_("The timestamp cannot be read: %(error)s") % {"error": error}) from error
    if not (status.intact and status.valid):
        raise SealUnavailable(_("The timestamp is not over this content."))
    if status.revocation_details:
        raise SealUnavailable(_("The timestamp's certificate was revoked."))
    if not status.trusted:
        raise SealUnavailable(_("The timestamp's certificate had ended, or its root is not in SEAL_TSA_ROOTS."))
