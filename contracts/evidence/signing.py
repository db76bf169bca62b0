"""The seal's signature of a bundle's checksums. It is stored, so the same state of a contract gives the same bytes."""

import hashlib
import logging
from datetime import datetime
from io import BytesIO

from accounts.access.actors import Actor
from contracts.health.sealing_time import require_time_to_seal
from contracts.models import Contract, EvidenceSignature
from contracts.seal_keys import pin_seal_key
from contracts.seal_uses import Purpose, record_seal_uses
from contracts.sealing import SealUnavailable
from contracts.sealing.detached import sign_detached, validate_detached
from contracts.sealing.trust import Trust

log = logging.getLogger(__name__)


def signature_of_checksums(checksums: bytes, *, contract: Contract, by: Actor, trusted: Trust, now: datetime) -> bytes:
    """Return the detached signature (CMS, DER): the stored one, otherwise a new one without timestamp, validated.

    There is one signature for each downloaded state of a contract, however often it is downloaded. Of two made
    concurrently, the first stored one counts. `now` is aware. Raises SealUnavailable, with nothing stored.
    """
    sha256 = hashlib.sha256(checksums).hexdigest()
    stored = EvidenceSignature.objects.filter(pk=sha256).first()
    if stored and _is_valid(checksums, stored, trusted):
        return bytes(stored.signature)
    require_time_to_seal()
    pinned = pin_seal_key(is_test=contract.is_test)
    with record_seal_uses(Purpose.BUNDLE, by=by, contract=contract, content_sha256=sha256):
        signature = sign_detached(BytesIO(checksums), timestamped=False, is_test=contract.is_test)
    validate_detached(BytesIO(checksums), signature, trusted=pinned, at=now)
    row, _created = EvidenceSignature.objects.get_or_create(
        pk=sha256, defaults={"signature": signature, "signed_at": now}
    )
    return bytes(row.signature)


def _is_valid(checksums: bytes, stored: EvidenceSignature, trusted: Trust) -> bool:
    """Return True if the stored signature is still valid. Otherwise delete it."""
    try:
        validate_detached(BytesIO(checksums), bytes(stored.signature), trusted=trusted, at=stored.signed_at)
    except SealUnavailable as error:
        log.error("the stored signature of an evidence bundle is not valid: %s", error.detail)
        stored.delete()
        return False
    return True
