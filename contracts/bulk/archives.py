"""ZIP files with the documents or the evidence of several contracts, streamed in flat memory."""

import hashlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.http import StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from zipstream import ZIP_STORED, ZipStream

from accounts.access.actors import Actor
from accounts.access.security_log import record_security_event
from accounts.models import SecurityEvent
from common.chunks import in_chunks
from common.errors import Refused
from common.slots import SlotHeld, Slots
from contracts import evidence
from contracts.documents import files as documents
from contracts.models import Contract
from contracts.models.querysets import ContractQuerySet

Kind = Literal["current", "evidence"]
MAX_CONTRACTS: dict[Kind, int] = {"current": 2_000, "evidence": 200}
"""Contracts in one archive. A bundle of evidence is itself made of a dozen files and takes longer to prepare."""
MAX_PARTS = 50
MAX_DOWNLOADS = 3
"""Archives sent at once by one process. Each blocks a thread for as long as the client reads; there are eight."""
DOWNLOADS = Slots(MAX_DOWNLOADS)
CHUNK = 100
"""Contracts whose rows are in memory at a time; of the files it is one."""


@dataclass(frozen=True, slots=True)
class Part:
    """The contracts of one archive, of as many as it takes for all."""

    numbers: Sequence[str]
    part: int
    parts: int

    @property
    def name(self) -> str:
        suffix = f"-{self.part}-of-{self.parts}" if self.parts > 1 else ""
        return f"contracts-{timezone.localdate():%Y-%m-%d}{suffix}.zip"


def archive_response(contracts: ContractQuerySet, *, kind: str, part: str, by: Actor) -> StreamingHttpResponse:
    """Return the archive of the contracts as a download, which the security log records. Raises like `_get_part`.

    Raises Refused `downloads_busy` while MAX_DOWNLOADS of this process are running.
    """
    if kind not in MAX_CONTRACTS:
        raise Refused("invalid", _("The kind must be current or evidence."), pointer="/kind")
    if part and not (part.isascii() and part.isdigit() and len(part) < 4):
        raise Refused("invalid", _("The part must be a number."), pointer="/part")
    chosen = _get_part(contracts, kind, int(part) if part else None)
    if not DOWNLOADS.take():
        raise Refused("downloads_busy", _("Too many archives are being downloaded right now. Try again shortly."))
    try:
        return _respond(chosen, kind, by)
    except BaseException:
        DOWNLOADS.release()
        raise


def _respond(chosen: Part, kind: Kind, by: Actor) -> StreamingHttpResponse:
    """Return the response, which holds a slot of DOWNLOADS until it is closed."""
    detail = f"{kind} archive, {len(chosen.numbers)} contracts, part {chosen.part}"
    record_security_event(kind=SecurityEvent.Kind.EXPORTED, user_id=by.user_id, detail=detail)
    content = SlotHeld(DOWNLOADS, stream_archive(chosen.numbers, kind, by))
    answer = StreamingHttpResponse(content, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{chosen.name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _get_part(contracts: ContractQuerySet, kind: Kind, part: int | None) -> Part:
    """Return the contracts of archive `part`, from 1, sorted as the list is.

    Raises Refused `invalid` if there are none, if there is no such part, or if `part` is None and one is not enough.
    """
    most = MAX_CONTRACTS[kind]
    numbers = list(contracts.values_list("number", flat=True)[: most * (MAX_PARTS + 1)])
    parts = -(-len(numbers) // most)
    if not numbers:
        raise Refused("invalid", _("There are no contracts to download."))
    if parts > MAX_PARTS:
        detail = _("At most %(most)d contracts can be downloaded. Narrow the list, for example to a month.")
        raise Refused("invalid", detail % {"most": most * MAX_PARTS})
    if part is None and parts > 1:
        detail = _("An archive holds at most %(most)d contracts. Download these in %(parts)d parts.")
        raise Refused("invalid", detail % {"most": most, "parts": parts}, pointer="/part")
    part = 1 if part is None else part
    if not 1 <= part <= parts:
        detail = _("There is no part %(part)d; there are %(parts)d.")
        raise Refused("invalid", detail % {"part": part, "parts": parts}, pointer="/part")
    return Part(numbers[(part - 1) * most : part * most], part, parts)


@dataclass(slots=True)
class _Archive:
    zip: ZipStream = field(default_factory=lambda: ZipStream(compress_type=ZIP_STORED))  # PDFs are compressed already
    checksums: list[str] = field(default_factory=list)

    def add(self, name: str, content: bytes) -> Iterator[bytes]:
        self.checksums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        self.zip.add(content, name)
        return self.zip.all_files()

    def end(self) -> Iterator[bytes]:
        self.zip.add("".join(self.checksums), "SHA256SUMS")
        return self.zip.finalize()


def stream_archive(numbers: Sequence[str], kind: Kind, by: Actor) -> Generator[bytes, None, None]:
    """Return the archive's bytes as they are made: the files, and SHA256SUMS in the format of sha256sum.

    Voided contracts have no files for customers (R18); NOT-INCLUDED.txt names them, in the language active now. A file
    that cannot be read raises Refused in mid-stream, so that the archive lacks its directory and no program opens it.
    """
    language = translation.get_language()

    def stream() -> Generator[bytes, None, None]:
        archive, left_out = _Archive(), []
        for chunk in in_chunks(numbers, CHUNK):
            rows = Contract.objects.filter(number__in=chunk).with_facts_at(timezone.now())
            contracts = {contract.number: contract for contract in rows}
            for contract in (contracts[number] for number in chunk):
                if file := _file(contract, kind, by):
                    yield from archive.add(*file)
                else:
                    left_out.append(contract.number)
        if left_out:
            with translation.override(language):
                yield from archive.add("NOT-INCLUDED.txt", _describe_left_out(left_out))
        yield from archive.end()

    return stream()


def _file(contract: Contract, kind: Kind, by: Actor) -> tuple[str, bytes] | None:
    """Return the file's name and content; None if the contract is voided, perhaps a moment ago."""
    try:
        if kind == "evidence":
            return f"{contract.number}-evidence.zip", evidence.bundle(contract, by=by)
        return f"{contract.number}.pdf", documents.read(documents.current(contract))
    except Refused as refused:
        if refused.code != "contract_voided":
            raise
        return None


def _describe_left_out(numbers: list[str]) -> bytes:
    sentence = _("These contracts were voided and their documents are no longer available:")
    return "\n".join([sentence, *numbers, ""]).encode()
