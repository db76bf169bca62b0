"""Check the registered daily lists: their files, their order, and that the rows agree with them (R38)."""

from collections.abc import Iterator, Sequence
from tempfile import TemporaryFile
from typing import IO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.chunks import in_chunks
from contracts.models import AuditEvent, ContractDocument, SealKey, TrailSeal
from contracts.seal_keys import our_trust
from contracts.sealing.trust import Trust
from contracts.trail.check_times import backdated_documents, backdated_rows
from contracts.trail.defects import Defect
from contracts.trail.list_files import (
    LINES_PER_QUERY,
    Head,
    fetch,
    path_of,
    read_lines,
    require_signed,
    signature_path_of,
    summarise,
)

WRITTEN_WHEN = gettext_lazy("Rows were written at their recorded times")
LINE_KINDS = ("key", "document", "head")


def check_lists(only: str = "") -> Iterator[Defect]:
    """Check that the lists are numbered without a gap, chained, stored, signed by our seal, and agree with the rows.

    `only`: compare only the lines about the contract with this number.
    """
    previous: TrailSeal | None = None
    trusted = our_trust()
    for seal in TrailSeal.objects.order_by("number").iterator():
        yield from _check_number(seal, previous)
        yield from _check_list(seal, previous, only, trusted)
        yield from _check_dates(previous, seal, only)
        previous = seal
    yield from _check_dates(previous, None, only)


def name_of(seal: TrailSeal) -> str:
    return _("Daily list %(number)d of %(day)s") % {"number": seal.number, "day": seal.day}


def mismatches(file: IO[bytes], only: str = "") -> Iterator[str]:
    """Yield a sentence for each line of a list that contradicts the rows: a shorter trail, a missing document."""
    for batch in in_chunks(read_lines(file), LINES_PER_QUERY):
        lines = [line.split(" ") for line in batch]
        lines = [line for line in lines if not only or line[1] == only]
        yield from _heads([line[1:] for line in lines if line[0] == "head"])
        yield from _documents([line[1:] for line in lines if line[0] == "document"])
        yield from _keys({line[1] for line in lines if line[0] == "key"})


def _check_number(seal: TrailSeal, previous: TrailSeal | None) -> Iterator[Defect]:
    expected = previous.number + 1 if previous else 1
    for number in range(expected, seal.number):
        yield Defect(
            _("Daily list %(number)d") % {"number": number},
            _("The daily lists are numbered without a gap"),
            _("It is not in the database: its row was removed, or the database went back to an older state."),
        )
    if seal.number == expected and seal.previous != (previous.sha256 if previous else ""):
        yield Defect(
            name_of(seal),
            _("The daily list follows the previous one"),
            _("It names another previous list: the previous list was replaced."),
        )


def _check_list(seal: TrailSeal, previous: TrailSeal | None, only: str, trusted: Trust) -> Iterator[Defect]:
    with TemporaryFile() as file:
        try:
            _fetch_signed(seal, file, trusted)
        except Exception as error:  # the storage backends share no base class for their failures
            yield Defect(name_of(seal), _("The daily list is stored, and signed by our seal"), str(error))
            return
        checks = {
            _("The daily list is as registered"): _differences(seal, file),
            _("Trails, documents and keys are as the daily list says"): mismatches(file, only),
        }
        if previous and not only:
            checks[str(WRITTEN_WHEN)] = backdated_rows(seal, previous, file)
        for what, texts in checks.items():
            yield from (Defect(name_of(seal), what, text) for text in texts)


def _check_dates(seal: TrailSeal | None, following: TrailSeal | None, only: str) -> Iterator[Defect]:
    if seal and not only:
        for text in backdated_documents(seal, following):
            yield Defect(name_of(seal), str(WRITTEN_WHEN), text)


def _fetch_signed(seal: TrailSeal, file: IO[bytes], trusted: Trust) -> None:
    fetch(path_of(seal.number, seal.sha256), seal.sha256, file)
    with TemporaryFile() as signature:
        fetch(signature_path_of(seal.number, seal.sha256), seal.signature_sha256, signature)
        require_signed(file, signature.read(), at=seal.sealed_at, trusted=trusted)
    Head.read(file)


def _differences(seal: TrailSeal, file: IO[bytes]) -> Iterator[str]:
    """Yield each difference between a list and its row."""
    file.seek(0)
    listed, registered = Head.read(file).lines(), Head.of(seal).lines()
    summary = summarise(file)
    for kind, count in (("document", seal.documents), ("head", seal.contracts)):
        listed.append(f"{summary.kinds[kind]} × {kind}")
        registered.append(f"{count} × {kind}")
    listed.append(f"root {summary.root}")
    registered.append(f"root {seal.root}")
    for one, other in zip(listed, registered, strict=True):
        if one != other:
            yield _("The list says “%(listed)s”, but “%(registered)s” is registered.") % {
                "listed": one,
                "registered": other,
            }
    for kind in summary.kinds.keys() - set(LINE_KINDS):
        yield _("This version of the product cannot read its lines that begin with “%(kind)s”.") % {"kind": kind}


def _heads(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    events = AuditEvent.objects.filter(contract__number__in=[number for number, _position, _hash in lines])
    hashes = {
        (number, position): hash_
        for number, position, hash_ in events.order_by().values_list("contract__number", "position", "hash")
    }
    for number, position, hash_ in lines:
        found = hashes.get((number, int(position)))
        if found is None:
            yield _("The trail of contract %(number)s had %(count)s events and has fewer now.") % {
                "number": number,
                "count": position,
            }
        elif found != hash_:
            yield _("Event %(position)s of contract %(number)s was changed after it was sealed.") % {
                "number": number,
                "position": position,
            }


def _documents(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    documents = ContractDocument.objects.filter(sha256__in=[sha256 for _number, _kind, sha256 in lines])
    known = set(documents.values_list("contract__number", "kind", "sha256"))
    for number, kind, sha256 in lines:
        if (number, kind, sha256) not in known:
            yield _("The document “%(kind)s” of contract %(number)s with SHA-256 %(sha256)s is not registered now.") % {
                "kind": kind,
                "number": number,
                "sha256": sha256,
            }


def _keys(listed: set[str]) -> Iterator[str]:
    known = SealKey.objects.filter(fingerprint__in=listed).values_list("fingerprint", flat=True)
    for fingerprint in sorted(listed - set(known)):
        yield _("The seal's key %(fingerprint)s is not pinned now.") % {"fingerprint": fingerprint}
