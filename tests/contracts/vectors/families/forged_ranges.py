"""What the signature is said to cover is not what it covers: universal signature forgery and signature wrapping."""

import asyncio
import hashlib

from tests.contracts.vectors import syntax
from tests.contracts.vectors.changing import gap_of, replaced, with_byte_range
from tests.contracts.vectors.forging import seal_as
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.reasons import SIGNED_PART
from tests.contracts.vectors.vector import vector


@vector(
    "/ByteRange too short.",
    findings="changed",
    pyhanko="invalid CONTIGUOUS_BLOCK_FROM_START",
    pdfsig="digest mismatch partial",
)
def range_shortened(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    _, first, second, rest = _numbers(sealed)
    return with_byte_range(sealed, f"0 {first} {second} {rest - 100}")


@vector(
    "/ByteRange without the draft.",
    findings="changed",
    pyhanko="invalid UNCLEAR",
    pdfsig="digest mismatch total",
)
def range_without_the_draft(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    _, first, second, rest = _numbers(sealed)
    return with_byte_range(sealed, f"{len(kit['order'].draft)} {first - len(kit['order'].draft)} {second} {rest}")


@vector(
    "/ByteRange of zeros.",
    findings="changed",
    pyhanko="invalid UNCLEAR",
    pdfsig="digest mismatch partial",
)
def range_of_zeros(kit: Kit) -> bytes:
    return with_byte_range(kit["order"].sealed, "0 0 0 0")


@vector(
    "/ByteRange with a negative number.",
    findings="changed",
    pyhanko="invalid CONTIGUOUS_BLOCK_FROM_START",
    pdfsig="not verified partial",
)
def range_negative(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    _, first, second, _ = _numbers(sealed)
    return with_byte_range(sealed, f"0 {first} {second} -1")


@vector(
    "/ByteRange with overlapping parts.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch partial",
)
def range_overlapping(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    _, first, _, rest = _numbers(sealed)
    return with_byte_range(sealed, f"0 {first} {first - 50} {rest}")


@vector(
    "/ByteRange beyond the file.",
    findings="changed",
    pyhanko="invalid UNCLEAR",
    pdfsig="not verified partial",
)
def range_beyond_the_file(kit: Kit) -> bytes:
    return with_byte_range(kit["order"].sealed, "0 999999999 999999999 99999")


@vector(
    "/ByteRange of two numbers.",
    findings="changed",
    pyhanko="invalid UNCLEAR",
    pdfsig="digest mismatch unknown",
)
def range_of_two_numbers(kit: Kit) -> bytes:
    return with_byte_range(kit["order"].sealed, f"0 {_numbers(kit['order'].sealed)[1]}")


@vector(
    "No /ByteRange.",
    findings="changed",
    pyhanko="unreadable",
    pdfsig="not verified unknown",
)
def no_range(kit: Kit) -> bytes:
    return replaced(kit["order"].sealed, b"/ByteRange", b"/ByteRangE")


@vector(
    "No /Contents.",
    findings="changed",
    pyhanko="unreadable",
    pdfsig="not verified total",
)
def no_signature_value(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    start = gap_of(sealed).start
    name = sealed.rindex(b"/Contents", 0, start)
    return sealed[:name] + b"/Contentz" + sealed[name + 9 :]


@vector(
    "/Contents of zeros.",
    findings="not_ours",
    pyhanko="unreadable",
    pdfsig="unknown failure partial",
)
def signature_of_zeros(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    gap = gap_of(sealed)
    return sealed[: gap.start + 1] + b"0" * (gap.end - gap.start - 2) + sealed[gap.end - 1 :]


@vector(
    "/ByteRange from the second byte.",
    findings="changed",
    pyhanko="invalid UNCLEAR",
    pdfsig="digest mismatch total",
)
def range_from_the_second_byte(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    _, first, second, rest = _numbers(sealed)
    return with_byte_range(sealed, f"1 {first - 1} {second} {rest}")


@vector(
    "/ByteRange with a second hole.",
    findings="changed",
    pyhanko="invalid UNCLEAR",
    pdfsig="digest mismatch unknown",
)
def range_with_a_second_hole(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    _, first, second, rest = _numbers(sealed)
    return with_byte_range(sealed, f"0 {first} {second} 9 {second + 99} {rest - 99}")


@vector("/ByteRange of fractions.", findings="changed", pyhanko="unreadable", pdfsig="not verified unknown")
def range_of_fractions(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    _, first, second, rest = _numbers(sealed)
    return with_byte_range(sealed, f"0.0 {first}.0 {second}.0 {rest}.0")


@vector("/ByteRange of null.", findings="changed", pyhanko="unreadable", pdfsig="not verified unknown")
def range_of_null(kit: Kit) -> bytes:
    return replaced(kit["order"].sealed, gap_of(kit["order"].sealed).byte_range[0], b"/ByteRange null")


@vector("Empty /Contents.", findings="not_ours", pyhanko="unreadable", pdfsig="unknown failure partial")
def empty_signature_value(kit: Kit) -> bytes:
    return _with_contents(kit, b"<>")


@vector("/Contents of null.", findings="not_ours", pyhanko="unreadable", pdfsig="not verified partial")
def signature_value_of_null(kit: Kit) -> bytes:
    return _with_contents(kit, b"null")


@vector(
    "/Contents that refers to the catalogue.",
    findings="not_ours",
    pyhanko="unreadable",
    pdfsig="not verified partial",
)
def reference_for_a_signature_value(kit: Kit) -> bytes:
    return _with_contents(kit, b"%d 0 R" % syntax.root_of(kit["order"].sealed))


def _with_contents(kit: Kit, value: bytes) -> bytes:
    sealed = kit["order"].sealed
    gap = gap_of(sealed)
    return sealed[: gap.start] + value.ljust(gap.end - gap.start) + sealed[gap.end :]


@vector(
    "Another contract's signature.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def signature_of_another_contract(kit: Kit) -> bytes:
    sealed, other = kit["order"].sealed, kit["other"].sealed
    gap = gap_of(sealed)
    borrowed = gap_of(other).hex_of(other)[: gap.end - gap.start - 2].ljust(gap.end - gap.start - 2, b"0")
    return sealed[: gap.start + 1] + borrowed + sealed[gap.end - 1 :]


@vector(
    "Our key over the first hundred bytes.",
    findings="changed",
    pyhanko="invalid UNCLEAR",
    pdfsig="valid partial",
    because=SIGNED_PART,
)
def our_key_over_the_first_bytes(kit: Kit) -> bytes:
    kept = kit["unsealed"]
    sealed = seal_as(kept.draft, kit.ours.seal, number=kept.number, issuer_name=kit.issuer_name)
    _, _, second, rest = _numbers(sealed)
    forged = with_byte_range(sealed, f"0 100 {second} {rest}")
    digest = hashlib.sha256(forged[:100] + forged[second:]).digest()
    gap = gap_of(sealed)
    signature = asyncio.run(kit.ours.seal.signer.async_sign(digest, "sha256", use_pades=True))
    value = signature.dump().hex().encode()
    room = gap.end - gap.start - 2
    return forged[: gap.start + 1] + value.ljust(room, b"0") + forged[gap.end - 1 :]


def _numbers(sealed: bytes) -> tuple[int, int, int, int]:
    first, second, third = (int(number) for number in gap_of(sealed).byte_range.groups())
    return 0, first, second, third
