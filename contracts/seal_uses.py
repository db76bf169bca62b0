"""The ledger of uses of the seal's key."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from accounts.access.actors import Actor
from contracts.models import Contract, SealUse
from contracts.sealing.uses import KeyUse, note_uses

Purpose = SealUse.Purpose


@contextmanager
def record_seal_uses(
    purpose: SealUse.Purpose, *, by: Actor, contract: Contract | None = None, content_sha256: str = ""
) -> Iterator[None]:
    """Record each signature by the seal's key inside the block, when the block ends or fails. One statement.

    Call it outside transactions, which could roll the record back, and use what the key signed only after the block.
    """
    with note_uses() as uses:
        try:
            yield
        finally:
            save_seal_uses(uses, purpose, by=by, contract=contract, content_sha256=content_sha256)


def save_seal_uses(
    uses: Iterable[KeyUse],
    purpose: SealUse.Purpose,
    *,
    by: Actor,
    contract: Contract | None = None,
    content_sha256: str = "",
) -> None:
    """Save these uses in the ledger. One statement, or none without uses."""
    rows = [
        SealUse(
            at=use.at,
            purpose=Purpose.CONNECTION if use.is_sample else purpose,
            contract=contract,
            actor_id=by.user_id,
            source=by.source,
            level=use.level,
            fingerprint=use.fingerprint,
            content_sha256="" if use.is_sample else content_sha256,
            output_sha256=use.output_sha256,
        )
        for use in uses
    ]
    if rows:
        SealUse.objects.bulk_create(rows)
