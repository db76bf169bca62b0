"""Compare unregistered files with registered ones: truncated and damaged copies, and those with another signature."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from django.db.models import Q

from common.errors import Refused
from contracts.documents import files as documents
from contracts.models import ContractDocument
from contracts.models.contract import ALPHABET

MAX_CONTRACT_NUMBERS = 4
"""Maximum contract numbers in a file that are looked up. Our files contain one."""
MAX_DAMAGED_BYTES = 64
"""Maximum bytes by which a damaged copy differs from the original. Two signatures of our key differ in more."""
COMPARE_BLOCK_BYTES = 4096

BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)\s")
"""Where the signature's own place begins and ends in our sealed files."""
NUMBER = re.compile(rb"EC[%s]{12}" % ALPHABET.encode())


def find_complete_file(content: bytes, known: list[ContractDocument]) -> ContractDocument | None:
    """Return the registered document, draft or sealed, that `content` is the beginning of.

    Candidates are documents of the contract whose draft `content` begins with (`known`) or whose number it contains.
    """
    numbers = {match[0].decode() for match in islice(NUMBER.finditer(content), MAX_CONTRACT_NUMBERS)}
    of_contract = Q(contract__in=_contracts(known)) | Q(contract__number__in=numbers)
    longer = ContractDocument.objects.filter(of_contract, size__gt=len(content))
    return next((document for document, stored in _with_content(longer) if stored.startswith(content)), None)


def is_damaged_copy(content: bytes, known: list[ContractDocument]) -> bool:
    """Return True if `content` is the sealed file of a contract in `known` with a few bytes changed.

    Needed for changes within the signature itself: it then no longer identifies its signer, and most of its reserved
    space is unused.
    """
    return any(
        len(list(islice(_differing_offsets(stored, content), MAX_DAMAGED_BYTES + 1))) <= MAX_DAMAGED_BYTES
        for _document, stored in _with_content(_sealed_of_size(len(content), known))
    )


def find_original(content: bytes, known: list[ContractDocument]) -> ContractDocument | None:
    """Return the sealed document of a contract in `known` that `content` is, apart from its signature.

    The signature does not cover itself, so its encoding can be changed, and attributes and timestamps added or removed,
    without breaking it.
    """
    same_size = _sealed_of_size(len(content), known)
    same = (document for document, stored in _with_content(same_size) if _is_same_but_signature(stored, content))
    return next(same, None)


def _is_same_but_signature(sealed: bytes, content: bytes) -> bool:
    places = BYTE_RANGE.findall(sealed)[-1:]
    return any(
        content[: int(begin)] == sealed[: int(begin)] and content[int(end) :] == sealed[int(end) :]
        for begin, end in places
    )


def _sealed_of_size(size: int, known: list[ContractDocument]) -> Iterable[ContractDocument]:
    sealed = Q(contract__in=_contracts(known), size=size) & ~Q(kind=ContractDocument.Kind.DRAFT)
    return ContractDocument.objects.filter(sealed) if known else ()


def _contracts(known: list[ContractDocument]) -> set[int]:
    return {document.contract_id for document in known}


def _with_content(candidates: Iterable[ContractDocument]) -> Iterator[tuple[ContractDocument, bytes]]:
    for document in candidates:
        try:
            yield document, documents.read(document)
        except Refused:
            continue  # logged by documents.read; the other checks are unaffected


def _differing_offsets(one: bytes, other: bytes) -> Iterator[int]:
    for start in range(0, len(one), COMPARE_BLOCK_BYTES):
        ours, theirs = one[start : start + COMPARE_BLOCK_BYTES], other[start : start + COMPARE_BLOCK_BYTES]
        if ours != theirs:
            yield from (start + i for i in range(len(ours)) if ours[i] != theirs[i])
