"""Complete a drawn file to PDF/A-3u (ISO 19005-3) and PDF/UA-1 (ISO 14289-1): structure, metadata, colours, data.

ReportLab draws the pages but cannot write these, so pikepdf adds them and saves the file.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path

from pikepdf import Array, Dictionary, Name, Object, ObjectStreamMode, Pdf, Stream, String
from pikepdf import open as open_pdf

from contracts.pdf.tags import Tag
from contracts.pdf.xmp import make_xmp

SRGB = Path(__file__).with_name("srgb.icc").read_bytes()
"""Colour profile: the output of Pillow's ImageCms.createProfile("sRGB"), which declares "No copyright, use freely"."""
DATA_NAME = "contract.json"


def make_archival(
    drawn: bytes,
    tags: Sequence[Tag],
    marks: Sequence[Sequence[Tag]],
    annotations: Mapping[str, Tag],
    *,
    created: datetime,
    data: bytes,
) -> bytes:
    """Return the file with its structure. The same arguments always give the same bytes.

    `tags` are the outermost tags in reading order, `marks` the tag of each piece of marked content by page, and
    `annotations` the tag of each annotation by its /NM. `data` is the content of contract.json, or empty.
    """
    with open_pdf(BytesIO(drawn)) as pdf:
        for stream in pdf.objects:
            # ReportLab writes an array of one filter, which qpdf would decompress and compress again.
            if isinstance(stream, Stream) and isinstance(stream.get(Name.Filter), Array):
                stream.Filter = stream.Filter[0]
        _add_structure(pdf, tags, marks, annotations)
        _add_metadata(pdf, created)
        if data:
            _attach(pdf, data)
        output = BytesIO()
        pdf.save(
            output,
            object_stream_mode=ObjectStreamMode.generate,
            fix_metadata_version=False,
            deterministic_id=True,
        )
    return output.getvalue()


def _add_structure(
    pdf: Pdf, tags: Sequence[Tag], marks: Sequence[Sequence[Tag]], annotations: Mapping[str, Tag]
) -> None:
    """Write the structure tree (ISO 32000-1, 14.7.2) and connect pages and annotations with it.

    The parent tree has one leaf for pages and one for annotations, since sealing changes the annotations.
    """
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    document = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=root))
    writer = _Writer(pdf)
    document.K = Array([writer.write(tag, document) for tag in tags])
    by_annotation = _connect_annotations(pdf, annotations, writer, len(marks))
    by_page: list[int | Object] = []
    for index, (page, on_page) in enumerate(zip(pdf.pages, marks, strict=True)):
        page.obj.StructParents = index
        page.obj.Tabs = Name.S
        by_page.extend([index, pdf.make_indirect(Array([writer.elements[tag] for tag in on_page]))])
    root.K = document
    root.ParentTree = pdf.make_indirect(Dictionary(Kids=Array([_leaf(pdf, by_page), _leaf(pdf, by_annotation)])))
    root.ParentTreeNextKey = len(marks) + len(by_annotation) // 2
    pdf.Root.StructTreeRoot = root
    pdf.Root.MarkInfo = Dictionary(Marked=True)


class _Writer:
    """Writes tags as structure elements."""

    def __init__(self, pdf: Pdf) -> None:
        self.pdf = pdf
        self.pages = [page.obj for page in pdf.pages]
        self.kinds: dict[str, Name] = {}
        self.attributes: dict[str, Object] = {}
        self.elements: dict[Tag, Object] = {}

    def write(self, tag: Tag, parent: Object) -> Object:
        """Write a tag with all that it contains. Return its element."""
        kind = self.kinds.get(tag.kind) or self.kinds.setdefault(tag.kind, Name(f"/{tag.kind}"))
        element = self.pdf.make_indirect(Dictionary(S=kind, P=parent))
        self.elements[tag] = element
        if tag.kids:
            element.K = Array([self.write(kid, element) for kid in tag.kids])
        elif tag.marks:
            self._add_marks(element, tag.marks)
        if tag.alt:
            element.Alt = String(tag.alt)
        if tag.lang and not (tag.parent and tag.parent.lang):
            element.Lang = String(tag.lang)
        if tag.attributes:
            element.A = self._shared(tag.attributes)
        return element

    def _add_marks(self, element: Object, marks: list[tuple[int, int]]) -> None:
        """Refer to marked content by number, with its page where it is not on the element's page."""
        first, number = marks[0]
        element.Pg = self.pages[first]
        if len(marks) == 1:
            element.K = number
            return
        element.K = Array(
            number if page == first else Dictionary(Type=Name.MCR, Pg=self.pages[page], MCID=number)
            for page, number in marks
        )

    def _shared(self, attributes: str) -> Object:
        if attributes not in self.attributes:
            self.attributes[attributes] = self.pdf.make_indirect(Object.parse(attributes.encode()))
        return self.attributes[attributes]


def _connect_annotations(pdf: Pdf, annotations: Mapping[str, Tag], writer: _Writer, key: int) -> list[int | Object]:
    """Connect annotations with their elements, under keys from `key`. Return the parent tree's entries."""
    entries: list[int | Object] = []
    for page in writer.pages:
        for annotation in page.get(Name.Annots, ()):
            element = writer.elements[annotations[str(annotation.NM)]]
            element.K = Dictionary(Type=Name.OBJR, Pg=page, Obj=annotation)
            annotation.StructParent = key
            entries.extend([key, element])
            key += 1
    return entries


def _leaf(pdf: Pdf, entries: list[int | Object]) -> Object:
    """Return a leaf of a number tree (ISO 32000-1, 7.9.7)."""
    limits = Array([entries[0], entries[-2]])
    return pdf.make_indirect(Dictionary(Limits=limits, Nums=Array(entries)))


def _add_metadata(pdf: Pdf, created: datetime) -> None:
    """Add XMP metadata, as in the information dictionary, and the colour space that colours refer to."""
    information = {name[1:]: str(value) for name, value in pdf.docinfo.items()}
    xmp = make_xmp(information, language=str(pdf.Root.Lang), created=created)
    pdf.Root.Metadata = Stream(pdf, xmp, Type=Name.Metadata, Subtype=Name.XML)
    profile = Stream(pdf, SRGB, N=3)
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String("sRGB IEC61966-2.1"),
        Info=String("sRGB IEC61966-2.1"),
        DestOutputProfile=pdf.make_indirect(profile),
    )
    pdf.Root.OutputIntents = Array([intent])


def _attach(pdf: Pdf, data: bytes) -> None:
    """Attach contract.json as the document's data (ISO 19005-3, 6.8)."""
    moment = pdf.docinfo[Name.CreationDate]
    checksum = hashlib.md5(data, usedforsecurity=False).digest()  # the algorithm of ISO 32000-1, 7.11.4
    file = Stream(
        pdf,
        data,
        Type=Name.EmbeddedFile,
        Subtype=Name("/application/json"),
        Params=Dictionary(Size=len(data), CheckSum=String(checksum), ModDate=moment, CreationDate=moment),
    )
    embedded = pdf.make_indirect(file)
    specification = pdf.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=String(DATA_NAME),
            UF=String(DATA_NAME),
            Desc=String("The contract as data, described by contract.schema.json"),
            AFRelationship=Name.Data,
            EF=Dictionary(F=embedded, UF=embedded),
        )
    )
    pdf.Root.AF = Array([specification])
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String(DATA_NAME), specification])))
