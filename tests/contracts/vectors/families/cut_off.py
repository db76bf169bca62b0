"""Only the beginning of a file of ours."""

from tests.contracts.vectors.changing import gap_of
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.syntax import end_of_file, startxref_of
from tests.contracts.vectors.vector import vector


@vector(
    "Cut off after a quarter, before the contract's number.",
    findings="unreadable",
    pyhanko="unreadable",
    pdfsig="unreadable",
)
def at_half(kit: Kit) -> bytes:
    return kit["order"].sealed[: len(kit["order"].sealed) // 4]


@vector(
    "The last kilobyte is missing.",
    findings="truncated",
    pyhanko="unreadable",
    pdfsig="no signature",
)
def without_the_last_kilobyte(kit: Kit) -> bytes:
    return kit["order"].sealed[:-1024]


@vector(
    "The last byte, a newline, is missing.",
    findings="truncated",
    pyhanko="invalid CONTIGUOUS_BLOCK_FROM_START",
    pdfsig="not verified partial",
)
def without_the_last_byte(kit: Kit) -> bytes:
    return kit["order"].sealed[:-1]


@vector(
    "Cut off within the signature.",
    findings="truncated",
    pyhanko="unreadable",
    pdfsig="no signature",
)
def within_the_signature(kit: Kit) -> bytes:
    gap = gap_of(kit["order"].sealed)
    return kit["order"].sealed[: (gap.start + gap.end) // 2]


@vector(
    "Cut off where the draft ends: that is the draft.",
    findings="draft",
    of="request",
    status="official",
    pyhanko="no signature",
    pdfsig="no signature",
)
def where_the_draft_ends(kit: Kit) -> bytes:
    kept = kit["request"]
    return kept.sealed[: len(kept.draft)]


@vector(
    "The draft, a part of the seal, and another end.",
    findings="no_seal",
    pyhanko="no signature",
    pdfsig="no signature",
)
def closed_again(kit: Kit) -> bytes:
    kept = kit["order"]
    return kept.sealed[: len(kept.draft) + 2000] + b"\n" + end_of_file(startxref_of(kept.draft))


@vector(
    "The beginning is missing.",
    findings="unreadable",
    pyhanko="unreadable",
    pdfsig="unreadable",
)
def without_the_beginning(kit: Kit) -> bytes:
    return kit["order"].sealed[1000:]


@vector(
    "An older level: without the validation data added later.",
    findings="older_level",
    of="extended",
    status="official",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because="The seal holds, but the registered file has more.",
)
def older_level(kit: Kit) -> bytes:
    sealed = kit["extended"].sealed
    return sealed[: sealed.rindex(b"%%EOF", 0, -10) + 6]
