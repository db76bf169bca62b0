"""Real contracts and their files, and what people do to such files."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter

from accounts.access.actors import Actor, actor_of
from contracts.documents import files as documents
from contracts.models import Contract, ContractDocument
from contracts.verification.file_verdict import verdict_of_file
from contracts.verification.sandbox import helper
from contracts.verification.verdicts import Verdict
from tests import factories
from tests.contracts.sealing.conftest import use_seal  # noqa: F401 - a fixture

QUICKER = "import contracts.verification.sandbox.child as child; child.CPU_SECONDS = 1; child.WALL_SECONDS = 3; "


@pytest.fixture(scope="session")
def helpers() -> Iterator[dict[str, helper.Helper]]:
    """By the Python that each runs before it serves: a start takes as long as fifty files."""
    started: dict[str, helper.Helper] = {}
    yield started
    for one in started.values():
        one.stop()


@pytest.fixture
def helped_by(monkeypatch, helpers):
    """A helper process of the tests' own, which runs some Python before it serves."""

    def start(first: str) -> helper.Helper:
        monkeypatch.setattr(helper, "START_CODE", helper.START_CODE.replace("serve()", f"{QUICKER}{first}; serve()"))
        monkeypatch.setattr(helper, "_helper", helpers.setdefault(first, helper.Helper()))
        return helpers[first]

    return start


@pytest.fixture
def actor(membership) -> Actor:
    return actor_of(membership, "page")


@pytest.fixture
def draft(actor) -> Contract:
    return factories.draft(actor)


@pytest.fixture
def official(actor) -> Contract:
    return factories.official(actor)


def file_of(contract: Contract, kind: str = "official") -> bytes:
    return documents.read(documents.of_kind(contract, ContractDocument.Kind(kind)))


def codes(content: bytes) -> list[str]:
    return codes_of(verdict_of_file(content))


def codes_of(verdict: Verdict) -> list[str]:
    return [str(finding.code) for finding in verdict.findings]


def with_white_box(content: bytes) -> bytes:
    """The file with a white annotation over the first page's figures, as an incremental update."""
    writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
    box = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Square"),
            generic.pdf_name("/Rect"): generic.ArrayObject(map(generic.FloatObject, (50, 400, 550, 600))),
            generic.pdf_name("/IC"): generic.ArrayObject(map(generic.NumberObject, (1, 1, 1))),
        }
    )
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Annots"] = generic.ArrayObject([writer.add_object(box)])
    writer.update_container(page)
    return written(writer)


def written(writer: IncrementalPdfFileWriter) -> bytes:
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def signed_by(content: bytes, signer: signers.Signer, *, field: str = "Other") -> bytes:
    """The file with a signature more, of whoever. What forbids that is taken out before."""
    writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
    del writer.root["/Perms"]
    writer.update_root()
    writer = IncrementalPdfFileWriter(BytesIO(written(writer)), strict=False)
    meta = signers.PdfSignatureMetadata(field_name=field, subfilter=SigSeedSubFilter.PADES)
    return signers.PdfSigner(meta, signer).sign_pdf(writer).getvalue()
