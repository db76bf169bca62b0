"""The draft's structure tree (ISO 32000-1, 14.7), changed as sealing changes the annotations.

Drafts from before the structure tree have none: then there is nothing to change.
"""

from typing import Any

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject, TextStringObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from contracts.sealing.objects import make_dictionary, make_number, refer_to

ALTERNATIVE_TEXTS = {
    "seal": ("Electronic seal of {issuer}", "{issuer}电子印章"),
    "straddle": ("Straddle seal, part {part} of {parts}", "骑缝章，第 {part} 部分，共 {parts} 部分"),
}


class Structure:
    """The structure tree of a file that is being sealed."""

    def __init__(self, writer: IncrementalPdfFileWriter) -> None:
        self.writer = writer
        self.root: Any = None
        self.chinese = str(writer.root.get("/Lang", "")).startswith("zh")
        self.annotations: dict[int, Any] = {}
        """Element of each annotation, by its /StructParent."""
        if "/StructTreeRoot" in writer.root:
            self.root = writer.root["/StructTreeRoot"]
            self.document = self.root["/K"]
            self.leaf = self.root["/ParentTree"]["/Kids"][-1].get_object()
            numbers = self.leaf["/Nums"]
            self.annotations = {int(numbers[i]): numbers.raw_get(i + 1) for i in range(0, len(numbers), 2)}

    def remove(self, annotation: DictionaryObject) -> None:
        """Remove the element of an annotation that is dropped."""
        reference = self.annotations.pop(_key_of(annotation), None)
        if reference is None:
            return
        parent = reference.get_object()["/P"]
        kids = (parent["/K"].raw_get(index) for index in range(len(parent["/K"])))
        parent["/K"] = ArrayObject(kid for kid in kids if kid != reference)
        self.writer.update_container(parent)

    def replace(self, annotation: DictionaryObject, field: IndirectObject, *, issuer: str) -> None:
        """Make the element of the seal's place that of the seal's field."""
        reference = self.annotations.get(_key_of(annotation))
        if reference is None:
            return
        element, widget = reference.get_object(), _resolve(field)
        element["/S"] = pdf_name("/Form")
        element["/K"] = _object_reference(field, widget.raw_get("/P"))
        element["/Alt"] = self._text("seal", issuer=issuer)
        self.writer.update_container(element)
        widget["/StructParent"] = make_number(_key_of(annotation))

    def append(self, annotation: IndirectObject, page: DictionaryObject, *, part: int, parts: int) -> None:
        """Add an element for a slice of the straddle seal, at the end of the document."""
        if self.root is None:
            return
        key = int(self.root["/ParentTreeNextKey"])
        self.root["/ParentTreeNextKey"] = make_number(key + 1)
        _resolve(annotation)["/StructParent"] = make_number(key)
        element = {
            "/S": pdf_name("/Annot"),
            "/P": self.root.raw_get("/K"),
            "/Alt": self._text("straddle", part=part, parts=parts),
            "/K": _object_reference(annotation, refer_to(page, self.writer)),
        }
        self.annotations[key] = self.writer.add_object(make_dictionary(element))
        self.document["/K"].append(self.annotations[key])

    def save(self) -> None:
        """Write the changed parts into the update."""
        if self.root is None:
            return
        entries = sorted(self.annotations.items())
        self.leaf["/Nums"] = ArrayObject(value for key, element in entries for value in (make_number(key), element))
        self.leaf["/Limits"] = ArrayObject(make_number(key) for key, _element in (entries[0], entries[-1]))
        for changed in (self.root, self.document, self.leaf):
            self.writer.update_container(changed)

    def _text(self, name: str, **values: object) -> TextStringObject:
        return TextStringObject(ALTERNATIVE_TEXTS[name][self.chinese].format(**values))


def _key_of(annotation: DictionaryObject) -> int:
    """Return the annotation's key in the parent tree; -1 if it is not in the structure."""
    return int(annotation.get("/StructParent", -1))


def _resolve(reference: IndirectObject) -> Any:
    return reference.get_object()  # type: ignore[no-untyped-call]


def _object_reference(annotation: IndirectObject, page: IndirectObject) -> DictionaryObject:
    """Return an object reference (ISO 32000-1, 14.7.4.3)."""
    return make_dictionary({"/Type": pdf_name("/OBJR"), "/Pg": page, "/Obj": annotation})
