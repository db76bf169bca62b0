"""Seals set by others: what a forger can do with a draft, and with keys that are not the configured ones."""

from io import BytesIO
from typing import Any

from asn1crypto import x509
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NumberObject,
    StreamObject,
    pdf_name,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.timestamps import TimeStamper

from contracts.sealing.pages import SealStyle, add_seal_art, add_straddle_seal, clear_draft_marks
from contracts.sealing.structure import Structure
from tests.contracts.vectors.keys import Holder


def seal_as(
    draft: bytes,
    holder: Holder | SimpleSigner | None,
    *,
    number: str,
    issuer_name: str,
    md_algorithm: str = "sha256",
    subfilter: SigSeedSubFilter = SigSeedSubFilter.PADES,
    certify: bool = True,
    permissions: MDPPerm = MDPPerm.NO_CHANGES,
    timestamper: TimeStamper | None = None,
    **_: Any,
) -> bytes:
    """The draft with the visible seal as ours looks, and the holder's signature under it; None: no signature."""
    output = BytesIO(draft)
    writer = IncrementalPdfFileWriter(output)
    structure = Structure(writer)
    pages, place = clear_draft_marks(writer, structure)
    art = add_seal_art(writer, issuer_name=issuer_name, number=number, note="TEST, NOT LEGALLY BINDING")
    add_straddle_seal(writer, pages, art, structure)
    structure.save()
    if holder is None:
        add_picture(writer, pages[place.page], art, place.box)
        writer.write_in_place()
        return output.getvalue()
    metadata = PdfSignatureMetadata(
        field_name="ContractSeal",
        md_algorithm=md_algorithm,
        subfilter=subfilter,
        certify=certify,
        docmdp_permissions=permissions,
        reason=f"Contract {number}, sealed by {issuer_name}",
        location="http://127.0.0.1:8000",
    )
    signer = holder.signer if isinstance(holder, Holder) else holder
    field = SigFieldSpec("ContractSeal", on_page=place.page, box=place.box)
    PdfSigner(metadata, signer, timestamper=timestamper, stamp_style=SealStyle(art=art), new_field_spec=field).sign_pdf(
        writer, in_place=True
    )
    return output.getvalue()


def signed_again(content: bytes, signer: SimpleSigner, *, box: tuple[int, ...] = (60, 60, 160, 100)) -> bytes:
    """Add a second signature, although the first one allows none."""
    output = BytesIO(content)
    metadata = PdfSignatureMetadata(field_name="Approval", md_algorithm="sha256")
    field = SigFieldSpec("Approval", on_page=0, box=box)
    _UnrestrictedSigner(metadata, signer, new_field_spec=field).sign_pdf(
        IncrementalPdfFileWriter(output), in_place=True
    )
    return output.getvalue()


class _UnrestrictedSigner(PdfSigner):
    def _enforce_certification_constraints(self, reader: PdfFileReader) -> None:
        """Refuse nothing: other programs do not either."""


def with_validation_data(content: bytes, certificate: x509.Certificate) -> bytes:
    """The file with a certificate for later validation (DSS), which a seal that allows no changes still allows."""
    output = BytesIO(content)
    writer = IncrementalPdfFileWriter(output)
    kept = writer.add_object(StreamObject(stream_data=certificate.dump()))
    store = dictionary({"Type": pdf_name("/DSS"), "Certs": ArrayObject([kept])})
    writer.root[pdf_name("/DSS")] = writer.add_object(store)
    writer.update_root()
    writer.write_in_place()
    return output.getvalue()


def add_picture(
    writer: IncrementalPdfFileWriter, page: DictionaryObject, art: IndirectObject, box: tuple[float, ...]
) -> None:
    """Lay a picture over the page as an annotation: a seal to the eye, and nothing under it."""
    annotation = dictionary(
        {
            "Type": pdf_name("/Annot"),
            "Subtype": pdf_name("/Stamp"),
            "F": NumberObject(4),
            "Rect": ArrayObject(FloatObject(side) for side in box),
            "AP": dictionary({"N": art}),
        }
    )
    page["/Annots"].append(writer.add_object(annotation))


def dictionary(entries: dict[str, Any]) -> DictionaryObject:
    return DictionaryObject({pdf_name(f"/{key}"): value for key, value in entries.items()})
