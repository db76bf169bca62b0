"""The contract document: a snapshot in, the bytes of a PDF file out. No database, no request, no clock."""

from contracts.pdf.contract import render_draft
from contracts.pdf.draft_mark import DRAFT_MARK, SEAL_PLACE
from contracts.pdf.fonts import missing_characters, use_fallback
from contracts.pdf.snapshot import ContractSnapshot, Line, Party, Remittance

__all__ = [
    "DRAFT_MARK",
    "SEAL_PLACE",
    "ContractSnapshot",
    "Line",
    "Party",
    "Remittance",
    "missing_characters",
    "render_draft",
    "use_fallback",
]
