"""The contract document: its sections in order."""

from contracts.pdf import sections, terms
from contracts.pdf.labels import Labels
from contracts.pdf.layout import Strip
from contracts.pdf.parties import parties
from contracts.pdf.sheets import DocumentInfo, render_pages
from contracts.pdf.snapshot import ContractSnapshot
from contracts.pdf.table import OrderTable
from contracts.pdf.tax import tax_summary


def render_draft(snapshot: ContractSnapshot, data: bytes = b"") -> bytes:
    """Return the draft contract as a PDF file. The same arguments always give the same bytes.

    `data` is the contract's canonical form (R36), attached as contract.json; samples have none.
    Only annotations mark it as a draft (see draft_mark); the page content is the contract's. Before calling this,
    refuse texts with `missing_characters` (R28).
    """
    labels = Labels(snapshot.language)
    info = DocumentInfo(
        title=labels(snapshot.type.title),
        number=snapshot.number,
        issuer=snapshot.party_b.name,
        verification_code=snapshot.verification_code,
        language=snapshot.language,
        created=snapshot.applied_at.astimezone(snapshot.time_zone),
        is_test=snapshot.is_test,
    )
    return render_pages(_strips(snapshot, labels), info, draft=True, data=data)


def _strips(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    unit = labels("amounts_in", currency=snapshot.currency)
    return [
        *sections.title(snapshot, labels),
        *parties(snapshot, labels),
        sections.section_heading(labels("orders"), unit),
        *OrderTable(snapshot, labels).strips(),
        *tax_summary(snapshot, labels),
        *sections.total(snapshot, labels),
        *sections.remittance(snapshot, labels),
        *sections.validity(snapshot, labels),
        *terms.terms(snapshot, labels),
        *sections.signatures(snapshot, labels),
        *sections.verification(snapshot.verification_code, snapshot.verification_url, labels),
    ]
