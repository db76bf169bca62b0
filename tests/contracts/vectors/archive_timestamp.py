from io import BytesIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfTimeStamper

from tests.contracts.vectors import keys
from tests.contracts.vectors.kit import Kit


def with_archive_timestamp(kit: Kit, content: bytes, box: tuple[int, int, int, int] | None = None) -> bytes:
    """Return the file with a document timestamp appended, as archives add; `box` makes it visible on the first page."""
    output = BytesIO(content)
    writer = IncrementalPdfFileWriter(output)
    append_signature_field(writer, SigFieldSpec("Archive", on_page=0, box=box))
    stamper = keys.timestamper(kit.ours.tsa_root)
    PdfTimeStamper(stamper, field_name="Archive").timestamp_pdf(writer, "sha256", in_place=True)
    return output.getvalue()
