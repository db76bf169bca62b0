"""Stamps as files: a line for each list that the stamp covers, and the timestamp (RFC 3161) over the tree of them.

A line names the list's number, its SHA-256, the root of its tree, the SHA-256 of its signature, and that of every
earlier timestamp over it. The storage has both as `trail/stamps/NUMBER-SHA256.txt` and `.tst`; the hash is the file's.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from django.core.files.storage import Storage

from contracts.models import EvidenceStamp, TrailSeal
from contracts.trail.list_files import names_in
from contracts.trail.merkle import Step, Tree, leaf_hash, node_hash

FORMAT = "stamp of daily lists, format 1"
FOLDER = "trail/stamps"
NAME = re.compile(r"(?P<number>\d{6,9})-(?P<sha256>[0-9a-f]{64})\.txt")
LISTS_PER_QUERY = 500

Tokens = dict[int, list[str]]
"""Number of a list → SHA-256 of the timestamps over it, oldest first."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What a stamp proves of one list: the path from the root of the list's tree to the stamp's root."""

    line: str
    """Of the stamp's file, about the list."""
    path: tuple[Step, ...]
    """Its first step joins the hash of the line."""
    root: str


def path_of(number: int, sha256: str) -> str:
    return f"{FOLDER}/{number:06}-{sha256}.txt"


def token_path_of(number: int, sha256: str) -> str:
    """Return the path of the timestamp of the stamp whose file has this hash."""
    return f"{FOLDER}/{number:06}-{sha256}.tst"


def files_of(stamp: EvidenceStamp) -> dict[str, str]:
    """Return the files of a stamp: path → SHA-256. Its own file comes last: a timestamp without it is ignored."""
    return {
        token_path_of(stamp.number, stamp.sha256): stamp.token_sha256,
        path_of(stamp.number, stamp.sha256): stamp.sha256,
    }


def tokens_before(number: int) -> Tokens:
    """Return the timestamps over each list by stamps with lower numbers."""
    tokens: Tokens = defaultdict(list)
    for stamp in EvidenceStamp.objects.filter(number__lt=number).order_by("number").iterator():
        add_token(tokens, stamp)
    return tokens


def add_token(tokens: Tokens, stamp: EvidenceStamp) -> None:
    for covered in range(stamp.first_list, stamp.last_list + 1):
        tokens[covered].append(stamp.token_sha256)


def lines_of(number: int, first: int, last: int, tokens: Tokens) -> Iterator[str]:
    """Yield the lines of a stamp over the lists with these numbers; `tokens` are those of earlier stamps."""
    yield f"{FORMAT}, number {number}"
    seals = TrailSeal.objects.filter(number__range=(first, last)).order_by("number")
    for seal in seals.iterator(chunk_size=LISTS_PER_QUERY):
        hashes = [seal.sha256, seal.root, seal.signature_sha256, *tokens.get(seal.number, ())]
        yield f"{seal.number} {' '.join(hashes)}"


def write(file: IO[bytes], number: int, first: int, last: int, tokens: Tokens) -> str:
    """Write a stamp's file over the lists with these numbers, as the rows are now. Rewind it and return its SHA-256."""
    digest = hashlib.sha256()
    for line in lines_of(number, first, last, tokens):
        content = f"{line}\n".encode()
        digest.update(content)
        file.write(content)
    file.seek(0)
    return digest.hexdigest()


def range_of(file: IO[bytes]) -> tuple[int, int]:
    """Return the first and the last number of the lists that a stamp's file names, and rewind it. Raises ValueError."""
    numbers = [int(line.split(b" ", 1)[0]) for position, line in enumerate(file) if position]
    file.seek(0)
    return min(numbers), max(numbers)


def root_of(file: IO[bytes]) -> str:
    """Return the root of the tree over a stamp's file, and rewind it. Raises ValueError."""
    return cover(file, wanted=0).root


def cover(file: IO[bytes], *, wanted: int) -> Covered:
    """Return what the stamp's file proves of the list with the number `wanted`, and rewind it. Raises ValueError.

    The leaf of a line is joined on the right to the root of its list's tree, so that one path leads from a line of the
    list through its root to the stamp's root.
    """
    tree = Tree()
    found = ""
    beside: tuple[Step, ...] = ()
    for position, line in enumerate(file):
        leaf = leaf_hash(line.rstrip(b"\n"))
        if position == 0:
            tree.add(leaf)
            continue
        number, root = _number_and_root(line)
        if number == wanted:
            found, beside = line.decode().rstrip("\n"), (Step("right", leaf.hex()),)
        tree.add(node_hash(root, leaf), wanted=number == wanted)
    file.seek(0)
    root_hash = tree.finish()
    return Covered(found, (*beside, *tree.path), root_hash)


def names_of_stamps(storage: Storage) -> list[tuple[int, str]]:
    """Return number and SHA-256 of each stamp's file in the storage, by number."""
    matches = [match for name in names_in(storage, FOLDER) if (match := NAME.fullmatch(name))]
    return sorted((int(match["number"]), match["sha256"]) for match in matches)


def _number_and_root(line: bytes) -> tuple[int, bytes]:
    number, _list, root = line.split()[:3]
    return int(number), bytes.fromhex(root.decode())
