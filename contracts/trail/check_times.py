"""Check that no row is backdated: each is in the daily list of its time (R38)."""

from collections.abc import Iterator
from typing import IO

from django.utils.translation import gettext as _

from common.chunks import in_chunks
from contracts.models import AuditEvent, ContractDocument, SealKey, TrailSeal
from contracts.trail.list_files import LINES_PER_QUERY, OVERLAP, overlapping, read_lines


def backdated_rows(seal: TrailSeal, previous: TrailSeal, file: IO[bytes]) -> Iterator[str]:
    """Yield a sentence for rows that were written after the list with an id or a time from before it."""
    yield from _unlisted(seal, previous, file)
    listed = {line.split(" ")[1] for line in read_lines(file) if line.startswith("key ")}
    keys = SealKey.objects.filter(first_sealed_at__lt=seal.sealed_at - OVERLAP).exclude(fingerprint__in=listed)
    for fingerprint, at in keys.values_list("fingerprint", "first_sealed_at"):
        facts = {"fingerprint": fingerprint, "at": at}
        yield _("The seal's key %(fingerprint)s is dated %(at)s, but was pinned later.") % facts


def backdated_documents(seal: TrailSeal, following: TrailSeal | None) -> Iterator[str]:
    """Yield a sentence for each document with an id between this list and the following, but an earlier time."""
    later = ContractDocument.objects.filter(pk__gt=seal.last_document, created_at__lt=seal.sealed_at - OVERLAP)
    if following:
        later = later.filter(pk__lte=following.last_document)
    for number, kind, at in later.order_by("pk").values_list("contract__number", "kind", "created_at"):
        facts = {"kind": kind, "number": number, "at": at}
        yield _("The document “%(kind)s” of contract %(number)s is dated %(at)s, but was registered later.") % facts


def _unlisted(seal: TrailSeal, previous: TrailSeal, file: IO[bytes]) -> Iterator[str]:
    """Yield how many documents and trails are missing from the list.

    A list must contain the ids from where it starts (`overlapping` of the previous list) up to those whose transactions
    had certainly ended (`overlapping` of this list). These ranges of consecutive lists adjoin. If a list in between is
    missing, nothing is checked.
    """
    until, since = overlapping(seal), overlapping(previous)
    first = since.number if since else 0
    present = TrailSeal.objects.filter(number__gt=first, number__lte=seal.number).count()
    if until is None or present != seal.number - first:
        return
    documents = ContractDocument.objects.filter(pk__gt=since.last_document if since else 0, pk__lte=until.last_document)
    events = AuditEvent.objects.filter(pk__gt=since.last_event if since else 0, pk__lte=until.last_event)
    trails = events.order_by().values("contract").distinct()
    due_documents, due_trails = documents.count(), trails.count()
    for batch in in_chunks(read_lines(file), LINES_PER_QUERY):
        lines = [line.split(" ") for line in batch]
        due_documents -= documents.filter(sha256__in=[line[3] for line in lines if line[0] == "document"]).count()
        due_trails -= trails.filter(contract__number__in=[line[1] for line in lines if line[0] == "head"]).count()
    if due_documents > 0:
        yield _("%(count)d documents with earlier ids are not in it.") % {"count": due_documents}
    if due_trails > 0:
        yield _("%(count)d trails with earlier events are not in it.") % {"count": due_trails}
