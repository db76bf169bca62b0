"""Recovery codes, which replace a lost authenticator app or passkey once each."""

import secrets
from base64 import b32encode
from hashlib import sha256

NUMBER_OF_CODES = 10
CODE_BYTES = 15
"""120 random bits: enough that a plain hash protects a stored code (ASVS 5.0, 6.5.2)."""
GROUP_CHARS = 6


def make_codes() -> list[str]:
    """Return new codes of 24 letters and digits, in groups such as ABCDEF-234567-…."""
    return [_format(b32encode(secrets.token_bytes(CODE_BYTES)).decode()) for _ in range(NUMBER_OF_CODES)]


def hash_code(code: str) -> str:
    """Return what is stored of a code, given without hyphens."""
    return sha256(code.encode()).hexdigest()


def _format(code: str) -> str:
    return "-".join(code[start : start + GROUP_CHARS] for start in range(0, len(code), GROUP_CHARS))
