from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Step:
    """A check in README.txt. It passes if the output of the commands contains all of `prints`.

    Commands write only to the folder ../check, which the first step creates.
    """

    english: str
    chinese: str
    commands: str
    prints: tuple[str, ...]


def print_key(certificate: str) -> str:
    """Return commands that print the owner of a certificate and the SHA-256 of its public key."""
    return (
        f"openssl x509 -in {certificate} -noout -subject\n"
        f"openssl x509 -in {certificate} -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum"
    )


def at_time(at: datetime) -> str:
    """Return openssl's option to judge certificates as of that time."""
    return f"-attime {int(at.timestamp())}"


def in_utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
