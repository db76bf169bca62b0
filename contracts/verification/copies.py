"""Whether a file that is not registered is what is left of one that is."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from django.db.models import Q

from common.errors import Refused
from contracts.documents import files as documents
from contracts.models import ContractDocument
from contracts.models.contract import ALPHABET

MOST_NUMBERS = 4
"""Contract numbers in a file that are looked up. Ours say one."""
MOST_DAMAGE = 64
"""Bytes in which a damaged copy may differ from the registered file. Another signature of our key differs in more."""
BLOCK = 4096

NUMBER = re.compile(rb"EC[%s]{12}" % ALPHABET.encode())


def that_begins_with(content: bytes, known: list[ContractDocument]) -> ContractDocument | None:
    """The registered document, draft or sealed, that `content` is the beginning of.

    It is looked for among those of the contract whose draft `content` begins with (`known`), or whose number it says.
    """
    numbers = {said[0].decode() for said in islice(NUMBER.finditer(content), MOST_NUMBERS)}
    of_contract = Q(contract__in=_contracts(known)) | Q(contract__number__in=numbers)
    longer = ContractDocument.objects.filter(of_contract, size__gt=len(content))
    return next((document for document, kept in _stored(longer) if kept.startswith(content)), None)


def is_damaged_copy(content: bytes, known: list[ContractDocument]) -> bool:
    """Whether `content`, which begins with the draft of a contract (`known`), is its sealed file but for a few bytes.

    The signature finds any change but one in itself: there it no more says whose it was, and ends in unused room.
    """
    sealed = Q(contract__in=_contracts(known), size=len(content)) & ~Q(kind=ContractDocument.Kind.DRAFT)
    same_size = ContractDocument.objects.filter(sealed) if known else ()
    return any(
        len(list(islice(_differing(kept, content), MOST_DAMAGE + 1))) <= MOST_DAMAGE for _d, kept in _stored(same_size)
    )


def _contracts(known: list[ContractDocument]) -> set[int]:
    return {document.contract_id for document in known}


def _stored(found: Iterable[ContractDocument]) -> Iterator[tuple[ContractDocument, bytes]]:
    for document in found:
        try:
            yield document, documents.read(document)
        except Refused:
            continue  # it is logged; what else is found of the file is as true


def _differing(one: bytes, other: bytes) -> Iterator[int]:
    for start in range(0, len(one), BLOCK):
        ours, theirs = one[start : start + BLOCK], other[start : start + BLOCK]
        if ours != theirs:
            yield from (start + i for i in range(len(ours)) if ours[i] != theirs[i])
