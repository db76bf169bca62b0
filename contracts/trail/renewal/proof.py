"""The path from a stored document to the daily list that names it, and to every timestamp over that list (R38)."""

from dataclasses import dataclass
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import IO

from django.utils.translation import gettext as _

from common.errors import Refused
from contracts.models import ContractDocument, EvidenceStamp, TrailSeal
from contracts.trail.list_files import fetch
from contracts.trail.list_files import path_of as list_path_of
from contracts.trail.merkle import Step, Tree, leaf_hash
from contracts.trail.renewal.stamp_files import cover, path_of, token_path_of

LISTS_SEARCHED = 3
"""A document is in the first list with a higher id, or, if its transaction was open then, in the next ones."""


@dataclass(frozen=True, slots=True)
class StampProof:
    """A timestamp over the list: `path` leads from the list's root to `root`, whose SHA-256 it is a timestamp of."""

    number: int
    at: datetime
    token: bytes
    """In DER."""
    line: str
    """Line of the stamp's file about the list: its number, hashes, and those of earlier timestamps over it."""
    path: tuple[Step, ...]
    """Its first step joins the hash of the line."""
    root: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A document's place in a daily list: `path` leads from the hash of `leaf`, a line, to `root`."""

    leaf: str
    path: tuple[Step, ...]
    root: str
    list_number: int
    list_sha256: str
    day: date
    """In UTC."""
    stamps: tuple[StampProof, ...]
    """Oldest first; empty without a timestamp server."""


def proof_of(sha256: str) -> Proof | None:
    """Return the proof of the document with this SHA-256; None until a daily list names it.

    Reads the whole list in constant memory. Raises Refused `storage_unavailable`.
    """
    document = ContractDocument.objects.filter(sha256=sha256).order_by("pk").first()
    if document is None:
        return None
    seals = TrailSeal.objects.filter(last_document__gte=document.pk).order_by("number")[:LISTS_SEARCHED]
    return next((proof for seal in seals if (proof := _in_list(seal, sha256))), None)


def _in_list(seal: TrailSeal, sha256: str) -> Proof | None:
    tree, leaf = Tree(), b""
    with TemporaryFile() as file:
        _fetch(list_path_of(seal.number, seal.sha256), seal.sha256, file)
        for ended in file:
            line = ended.rstrip(b"\n")
            wanted = not leaf and line.startswith(b"document ") and line.endswith(sha256.encode())
            leaf = line if wanted else leaf
            tree.add(leaf_hash(line), wanted=wanted)
    root = tree.finish()
    if not leaf:
        return None
    covering = EvidenceStamp.objects.filter(first_list__lte=seal.number, last_list__gte=seal.number).order_by("number")
    return Proof(
        leaf=leaf.decode(),
        path=tuple(tree.path),
        root=root,
        list_number=seal.number,
        list_sha256=seal.sha256,
        day=seal.day,
        stamps=tuple(_stamp_proof(stamp, seal.number) for stamp in covering),
    )


def _stamp_proof(stamp: EvidenceStamp, list_number: int) -> StampProof:
    with TemporaryFile() as file, TemporaryFile() as token:
        _fetch(path_of(stamp.number, stamp.sha256), stamp.sha256, file)
        _fetch(token_path_of(stamp.number, stamp.sha256), stamp.token_sha256, token)
        covered = cover(file, wanted=list_number)
        return StampProof(stamp.number, stamp.stamped_at, token.read(), covered.line, covered.path, covered.root)


def _fetch(path: str, sha256: str, into: IO[bytes]) -> None:
    try:
        fetch(path, sha256, into)
    except Exception as error:  # the storage backends share no base class for their failures
        raise Refused(
            "storage_unavailable", _("The daily list cannot be read from the storage right now. Try again shortly.")
        ) from error
