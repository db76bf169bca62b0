"""The contract document: renders a snapshot as a PDF file, without database, request or clock.

Lengths and font sizes are in points. `down` is a distance downwards, `leading` the distance between baselines.
"""

from contracts.pdf.contract import render_draft
from contracts.pdf.snapshot import ContractSnapshot, Line, Party, Remittance

__all__ = ["ContractSnapshot", "Line", "Party", "Remittance", "render_draft"]
