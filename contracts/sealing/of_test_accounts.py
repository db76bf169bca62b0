"""The seal of test accounts (R48): a key and root of its own, which is never one of our seal's keys.

`manage.py init_seal --test-accounts` creates it under $DATA_DIR/seal/test-accounts (embedded.py names the files). Its
files have no passphrase: the key proves nothing about a contract. It seals at level B-B, so trials cost no timestamps.
"""

from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from contracts.sealing.key import require_in_time
from contracts.sealing.pkcs12 import seal_in_file
from contracts.sealing.signer import LoadedSeal, SealUnavailable, fingerprint_of
from contracts.sealing.trust import Trust

PURPOSE = "for test accounts"
"""In the subject of its certificates."""


def get_folder() -> Path:
    folder: Path = settings.DATA_DIR / "seal" / "test-accounts"
    return folder


def usable_seal_of_test_accounts() -> LoadedSeal:
    """Return the seal of test accounts if it may be used today. Raises SealUnavailable."""
    path = get_folder() / "seal.p12"
    if not path.exists():
        raise SealUnavailable(
            _("There is no seal for test accounts: create it with manage.py init_seal --test-accounts.")
        )
    loaded = _load(path)
    require_in_time(loaded, renew=_("Renew it with manage.py init_seal --test-accounts --force."))
    return loaded


def trust_in_test_accounts() -> Trust:
    """Return what the seals of test accounts are trusted by: their keys and roots, also earlier ones, and no others.

    It trusts nothing if there is no such seal. Raises SealUnavailable if a file cannot be read.
    """
    seals = [_load(path) for path in sorted(get_folder().glob("seal*.p12"))]
    roots = tuple({seal.chain[-1].dump(): seal.chain[-1] for seal in seals}.values())
    return Trust(
        roots=roots,
        intermediates=(),
        timestamp_roots=(),
        crls=(),
        keys=frozenset(fingerprint_of(seal.chain[0]) for seal in seals),
    )


def get_keys_of_test_accounts() -> frozenset[str]:
    """Return the fingerprints of their keys; none if a file is unreadable: real seals can still be verified."""
    try:
        return trust_in_test_accounts().keys
    except (SealUnavailable, OSError):
        return frozenset()


def _load(path: Path) -> LoadedSeal:
    return seal_in_file(path, path.stat().st_mtime_ns, "")
