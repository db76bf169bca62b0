"""The keys of our seal: pinned before they first seal, ours for ever (R37)."""

from dataclasses import replace
from functools import partial

from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction
from django.utils import timezone

from contracts.models import SealKey
from contracts.sealing.key import usable_seal
from contracts.sealing.trust import Trust, trust

_pinned: set[str] = set()
"""Fingerprints that this process knows to be in the database."""


def our_trust() -> Trust:
    """Return what seals are trusted by, with every key that is or was ours. One statement. Raises SealUnavailable."""
    return trust(SealKey.objects.values_list("fingerprint", flat=True))


def pin_seal_key() -> Trust:
    """Pin the configured key before it seals, and return trust in this key alone, to validate the new seal.

    If another key is configured between pinning and sealing, the new seal is invalid. Takes statements only until this
    process knows that the key is pinned. Raises SealUnavailable.
    """
    loaded = usable_seal()
    if loaded.fingerprint not in _pinned:
        facts = {
            "certificate": loaded.certificate.public_bytes(Encoding.PEM).decode(),
            "subject": loaded.subject,
            "first_sealed_at": timezone.now(),
        }
        SealKey.objects.get_or_create(fingerprint=loaded.fingerprint, defaults=facts)
        transaction.on_commit(partial(_pinned.add, loaded.fingerprint))
    return replace(trust(), keys=frozenset([loaded.fingerprint]))
