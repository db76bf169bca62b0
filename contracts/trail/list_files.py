"""Daily lists as files: their format, and where the storage has them.

A list is named `trail/lists/NUMBER-SHA256.txt`, and its signature the same with `.p7s`. The numbers reveal lists
without a row, and missing lists, by listing one folder. The hash distinguishes lists with the same number: after a
restore from an older backup, a new list never overwrites an existing one.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from tempfile import TemporaryFile
from typing import IO

from django.core.files.storage import Storage, default_storage
from django.utils.translation import gettext as _

from common.chunks import in_chunks
from common.errors import Refused
from contracts.models import TrailSeal
from contracts.seal_keys import our_trust
from contracts.sealing.detached import validate_detached
from contracts.sealing.trust import Trust
from contracts.trail.merkle import Tree, leaf_hash

FORMAT = "daily list, format 2"
FOLDER = "trail/lists"
OVERLAP = timedelta(hours=12)
"""Longer than any transaction that writes an event or a document."""
HEAD_LINES = 7
MAX_HEAD_LINE = 200
"""Maximum characters of a line of the head."""
NAMES_PER_QUERY = LINES_PER_QUERY = 500
NAME = re.compile(r"(?P<number>\d{6,9})-(?P<sha256>[0-9a-f]{64})\.txt")


class WrongChecksum(OSError):
    """A stored file does not have the SHA-256 of its name or row."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first lines of a list."""

    number: int
    day: date
    sealed_at: datetime
    previous: str
    """SHA-256 of the previous list in hex; empty for the first."""
    last_event: int
    last_document: int

    @classmethod
    def of(cls, seal: TrailSeal) -> "Head":
        return cls(seal.number, seal.day, seal.sealed_at, seal.previous, seal.last_event, seal.last_document)

    def lines(self) -> list[str]:
        return [
            FORMAT,
            f"number {self.number}",
            f"day {self.day}",
            f"sealed {self.sealed_at.astimezone(UTC).isoformat(timespec='microseconds')}",
            f"previous {self.previous or '-'}",
            f"events {self.last_event}",
            f"documents {self.last_document}",
        ]

    @classmethod
    def read(cls, file: IO[bytes]) -> "Head":
        """Read the first lines of a list. Raises ValueError."""
        given = [file.readline(MAX_HEAD_LINE).decode().rstrip("\n") for _line in range(HEAD_LINES)]
        if given[0] != FORMAT:
            raise ValueError(_("It is not a daily list."))
        _format, number, day, sealed, previous, events, documents = (line.partition(" ")[2] for line in given)
        head = cls(
            number=int(number),
            day=date.fromisoformat(day),
            sealed_at=datetime.fromisoformat(sealed),
            previous="" if previous == "-" else previous,
            last_event=int(events),
            last_document=int(documents),
        )
        if head.lines() != given:
            raise ValueError(_("It is not a daily list."))
        return head


@dataclass(frozen=True, slots=True)
class Summary:
    """Checksums of a list, and its numbers of lines."""

    sha256: str
    root: str
    kinds: Counter[str]
    """Number of lines by kind, which is their first word."""


@dataclass(frozen=True, slots=True)
class SignedList:
    """A list in a storage, signed by our seal."""

    head: Head
    sha256: str


def path_of(number: int, sha256: str) -> str:
    return f"{FOLDER}/{number:06}-{sha256}.txt"


def signature_path_of(number: int, sha256: str) -> str:
    """Return the path of the signature of the list with this hash."""
    return f"{FOLDER}/{number:06}-{sha256}.p7s"


def overlapping(seal: TrailSeal) -> TrailSeal | None:
    """Return the newest list at least OVERLAP older than this one: the next list starts after it."""
    return TrailSeal.objects.filter(sealed_at__lte=seal.sealed_at - OVERLAP, number__lt=seal.number).last()


def files_of(seal: TrailSeal) -> dict[str, str]:
    """Return the files of a list: path → SHA-256. The list comes last: a signature without its list is ignored."""
    return {
        signature_path_of(seal.number, seal.sha256): seal.signature_sha256,
        path_of(seal.number, seal.sha256): seal.sha256,
    }


def write(file: IO[bytes], head: Head, lines: Iterable[str]) -> Summary:
    """Write a list and return its summary."""
    for line in head.lines():
        file.write(f"{line}\n".encode())
    for line in lines:
        file.write(f"{line}\n".encode())
    return summarise(file)


def summarise(file: IO[bytes]) -> Summary:
    """Read a whole list from its beginning, line by line, and rewind it."""
    digest, tree, kinds = hashlib.sha256(), Tree(), Counter[str]()
    file.seek(0)
    for number, line in enumerate(file):
        digest.update(line)
        tree.add(leaf_hash(line.rstrip(b"\n")))
        if number >= HEAD_LINES:
            kinds[line.split(b" ", 1)[0].decode()] += 1
    file.seek(0)
    return Summary(digest.hexdigest(), tree.finish(), kinds)


def read_lines(file: IO[bytes]) -> Iterator[str]:
    """Yield the lines after the head, from the beginning of the file, without their ends."""
    file.seek(0)
    for line in islice(file, HEAD_LINES, None):
        yield line.decode().rstrip("\n")


def fetch(path: str, sha256: str, into: IO[bytes], *, storage: Storage = default_storage) -> None:
    """Copy a stored file into `into` and rewind it. Raises OSError if it is missing, or WrongChecksum."""
    digest = hashlib.sha256()
    with storage.open(path) as file:
        for chunk in file.chunks():
            digest.update(chunk)
            into.write(chunk)
    if digest.hexdigest() != sha256:
        raise WrongChecksum(_("The stored file %(path)s does not match its registered checksum.") % {"path": path})
    into.seek(0)


def require_signed(file: IO[bytes], signature: bytes, *, at: datetime, trusted: Trust) -> None:
    """Require that the signature is our seal's over this list, as of `at`. Raises SealUnavailable."""
    validate_detached(file, signature, trusted=trusted, at=at)
    file.seek(0)


def unregistered_lists(storage: Storage) -> Iterator[SignedList]:
    """Yield each list in the storage that our seal signed and that has no row, by number.

    Files without our signature are ignored: an interrupted run may leave one.
    """
    trusted = our_trust()
    names = (match for name in sorted(names_in(storage, FOLDER)) if (match := NAME.fullmatch(name)))
    for batch in in_chunks(names, NAMES_PER_QUERY):
        hashes = [match["sha256"] for match in batch]
        known = set(TrailSeal.objects.filter(sha256__in=hashes).values_list("number", "sha256"))
        for match in batch:
            number, sha256 = int(match["number"]), match["sha256"]
            if (number, sha256) not in known and (found := _signed_list(storage, number, sha256, trusted)):
                yield found


def names_in(storage: Storage, folder: str) -> list[str]:
    """Return the names of the files in a folder; none if there is no such folder."""
    try:
        return storage.listdir(folder)[1]
    except FileNotFoundError:  # the storage of a new system
        return []


def _signed_list(storage: Storage, number: int, sha256: str, trusted: Trust) -> SignedList | None:
    with TemporaryFile() as file:
        try:
            fetch(path_of(number, sha256), sha256, file, storage=storage)
            head = Head.read(file)
            file.seek(0)
            with storage.open(signature_path_of(number, sha256)) as signature:
                require_signed(file, signature.read(), at=head.sealed_at, trusted=trusted)
        except (FileNotFoundError, WrongChecksum, ValueError, Refused):
            return None
    return SignedList(head, sha256) if head.number == number else None
