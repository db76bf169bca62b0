"""Detached signatures by the contract seal for any file: CMS (RFC 5652), CAdES (ETSI EN 319 122-1)."""

import asyncio
from datetime import datetime
from typing import IO

from asn1crypto import cms
from django.conf import settings
from django.utils.translation import gettext as _
from pyhanko.sign.general import SigningError
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import async_validate_detached_cms

from contracts.sealing.key import SealUnavailable, usable_seal
from contracts.sealing.timestamps import timestamper
from contracts.sealing.trust import timestamp_context, trust, unless_revoked, validation_context


def sign_detached(content: IO[bytes]) -> bytes:
    """Sign `content` from its current position and return DER, with a timestamp if a server is set.

    Reads in chunks. Raises SealUnavailable.
    """
    loaded = usable_seal()
    stamper = timestamper(settings.SEAL_TSA_URL) if settings.SEAL_TSA_URL else None
    signing = loaded.signer.async_sign_general_data(content, "sha256", timestamper=stamper, use_cades=True)
    try:
        return asyncio.run(signing).dump()
    except (SigningError, TimestampRequestError) as error:
        raise SealUnavailable(_("The file could not be signed: %(error)s") % {"error": error}) from error


def validate_detached(content: IO[bytes], signature: bytes, *, at: datetime) -> None:
    """Require that `signature` is our seal's over exactly `content`, as of its time `at` (aware).

    Raises SealUnavailable naming what fails.
    """
    trusted = trust()
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
    if not unless_revoked(status, trusted.crls, at=at).trusted:
        raise SealUnavailable(_("Its signature is not our seal's."))
