"""The keys of our seal: pinned before they first seal, ours for ever (R37). Those of test accounts never are (R48)."""

from dataclasses import replace
from functools import partial

from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contracts.models import SealKey
from contracts.sealing.key import LoadedSeal, SealUnavailable, usable_seal
from contracts.sealing.of_test_accounts import (
    get_keys_of_test_accounts,
    trust_in_test_accounts,
    usable_seal_of_test_accounts,
)
from contracts.sealing.trust import Trust, trust

_pinned: set[str] = set()
"""Fingerprints that this process knows to be in the database."""


def our_trust() -> Trust:
    """Return what seals are trusted by, with every key that is or was ours. One statement. Raises SealUnavailable.

    A key of test accounts is not ours, even if SEAL_P12 names it by mistake.
    """
    ours = trust(SealKey.objects.values_list("fingerprint", flat=True))
    return replace(ours, keys=ours.keys - get_keys_of_test_accounts())


def trust_for(*, is_test: bool) -> Trust:
    """Return what the seals of a contract are trusted by: our keys, or those of test accounts alone (R48).

    Raises SealUnavailable.
    """
    return trust_in_test_accounts() if is_test else our_trust()


def pin_seal_key(*, is_test: bool = False) -> Trust:
    """Pin the configured key before it seals, and return trust in this key alone, to validate the new seal.

    If another key is configured between pinning and sealing, the new seal is invalid. Takes statements only until this
    process knows that the key is pinned. The key of test accounts (`is_test`) is never pinned. Raises SealUnavailable.
    """
    if is_test:
        return replace(trust_in_test_accounts(), keys=frozenset([usable_seal_of_test_accounts().fingerprint]))
    loaded = usable_seal()
    if loaded.fingerprint not in _pinned:
        _pin(loaded)
    return replace(trust(), keys=frozenset([loaded.fingerprint]))


def _pin(loaded: LoadedSeal) -> None:
    if loaded.fingerprint in get_keys_of_test_accounts():
        raise SealUnavailable(
            _("SEAL_P12 is the seal of test accounts, which seals no other contracts. Set it to the contract seal.")
        )
    facts = {
        "certificate": loaded.certificate.public_bytes(Encoding.PEM).decode(),
        "subject": loaded.subject,
        "first_sealed_at": timezone.now(),
    }
    SealKey.objects.get_or_create(fingerprint=loaded.fingerprint, defaults=facts)
    transaction.on_commit(partial(_pinned.add, loaded.fingerprint))
