"""What the document holds, in which order."""

from contracts.pdf import sections
from contracts.pdf.labels import Labels
from contracts.pdf.layout import Strip
from contracts.pdf.sheets import Cover, draw
from contracts.pdf.snapshot import ContractSnapshot
from contracts.pdf.table import OrderTable


def render_draft(snapshot: ContractSnapshot) -> bytes:
    """The draft contract as a PDF file: always the same bytes for the same snapshot.

    Everything that makes it a draft is annotations (see draft_mark); the page content is the contract's. Characters
    that the fonts lack must have been refused before, with `missing_characters` (R28).
    """
    labels = Labels(snapshot.language)
    cover = Cover(
        title=labels(snapshot.type.title),
        number=snapshot.number,
        issuer=snapshot.party_b.name,
        verification_code=snapshot.verification_code,
        language=snapshot.language,
        created=snapshot.applied_at.astimezone(snapshot.time_zone),
    )
    return draw(_strips(snapshot, labels), cover, draft=True)


def _strips(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    unit = labels("amounts_in", currency=snapshot.currency)
    return [
        *sections.title(snapshot, labels),
        *sections.parties(snapshot, labels),
        sections.section_heading(labels("orders"), unit),
        *OrderTable(snapshot, labels).strips(),
        *sections.total(snapshot, labels),
        *sections.remittance(snapshot, labels),
        *sections.validity(snapshot, labels),
        *sections.terms(snapshot, labels),
        *sections.signatures(snapshot, labels),
        *sections.verification(snapshot.verification_code, snapshot.verification_url, labels),
    ]
