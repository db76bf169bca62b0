"""Detached signatures by the contract seal for any file: CMS (RFC 5652), CAdES (ETSI EN 319 122-1)."""

import asyncio
import hashlib
from datetime import datetime
from typing import IO

from asn1crypto import cms
from django.conf import settings
from django.utils.translation import gettext as _
from pyhanko.sign.general import SigningError, extract_certificate_info
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import async_validate_detached_cms

from contracts.sealing.key import SealUnavailable, usable_seal
from contracts.sealing.of_test_accounts import usable_seal_of_test_accounts
from contracts.sealing.signer import fingerprint_of
from contracts.sealing.timestamps import timestamper
from contracts.sealing.trust import Trust, is_our_key, timestamp_context, unless_revoked, validation_context
from contracts.sealing.uses import KeyUse, note_output


def sign_detached(content: IO[bytes], *, timestamped: bool = True, is_test: bool = False) -> bytes:
    """Sign `content` from its current position and return DER, with a timestamp if it is wanted and a server is set.

    `is_test`: sign with the key of test accounts (R48). Reads in chunks. Raises SealUnavailable.
    """
    loaded = usable_seal_of_test_accounts() if is_test else usable_seal()
    stamper = timestamper(settings.SEAL_TSA_URL) if timestamped and settings.SEAL_TSA_URL else None
    signing = loaded.signer.async_sign_general_data(content, "sha256", timestamper=stamper, use_cades=True)
    try:
        signature = asyncio.run(signing).dump()
    except (SigningError, TimestampRequestError) as error:
        raise SealUnavailable(_("The file could not be signed: %(error)s") % {"error": error}) from error
    note_output(signature)
    return signature


def key_use_of(signature: bytes, *, at: datetime) -> KeyUse:
    """Return the use of the key that made a detached signature, which was validated, at `at` (aware)."""
    signed = cms.ContentInfo.load(signature)["content"]
    certificate = extract_certificate_info(signed).signer_cert
    return KeyUse(fingerprint_of(certificate), at, output_sha256=hashlib.sha256(signature).hexdigest())


def validate_detached(content: IO[bytes], signature: bytes, *, trusted: Trust, at: datetime) -> None:
    """Require that `signature` is our seal's over exactly `content`, as of its time `at` (aware).

    Raises SealUnavailable naming what fails.
    """
    try:
        signed = cms.ContentInfo.load(signature, strict=True)["content"]
        checking = async_validate_detached_cms(
            content,
            signed,
            signer_validation_context=validation_context(trusted, at=at),
            ts_validation_context=timestamp_context(trusted, at=at),
        )
        status = asyncio.run(checking)
    except (SignatureValidationError, ValueError, TypeError, KeyError) as error:
        raise SealUnavailable(_("Its signature cannot be read: %(error)s") % {"error": error}) from error
    if not (status.intact and status.valid):
        raise SealUnavailable(_("Its signature does not match its content."))
    if not (is_our_key(status.signing_cert, trusted) and unless_revoked(status, trusted.crls, at=at).trusted):
        raise SealUnavailable(_("Its signature is not our seal's."))
