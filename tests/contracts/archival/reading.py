"""Read a document as a screen reader does: along its structure tree, with the languages and texts for pictures.

python -m tests.contracts.archival.reading FILE.pdf
"""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf


class Node(NamedTuple):
    """A structure element. `text` is its own text, with ‹language› before parts in another language."""

    kind: str
    text: str
    language: str
    alt: str
    attributes: dict[str, Any]
    annotation: str
    kids: "list[Node]"

    def find(self, kind: str) -> "list[Node]":
        """Return the elements of a kind in this one, in reading order."""
        own = [self] if self.kind == kind else []
        return [*own, *(found for kid in self.kids for found in kid.find(kind))]

    def read(self) -> str:
        """Return everything that is read out, in one line."""
        return " ".join(part for part in (self.alt, self.text, *(kid.read() for kid in self.kids)) if part)

    def lines(self, depth: int = 0) -> Iterator[str]:
        """Yield a line an element."""
        language = f" ({self.language})" if self.language else ""
        facts = "".join(f" {name}={value}" for name, value in self.attributes.items() if name != "O")
        alt = f" [{self.alt}]" if self.alt else ""
        yield f"{'  ' * depth}{self.kind}{language}{facts}{alt}{f': {self.text}' if self.text else ''}"
        for kid in self.kids:
            yield from kid.lines(depth + 1)


def tree_of(pdf: bytes) -> Node:
    """Return the document's structure. Every piece of marked content must belong to exactly one element."""
    with pikepdf.open(BytesIO(pdf)) as file:
        texts = {page.obj.objgen: _marked_texts(page) for page in file.pages}
        tree = _node(file.Root.StructTreeRoot.K, texts)
        left = {number: text for of_page in texts.values() for number, text in of_page.items() if number >= 0}
        assert not left, f"marked content without an element: {left}"
        return tree


def artifacts_of(pdf: bytes) -> list[str]:
    """Return the texts that are not read out."""
    with pikepdf.open(BytesIO(pdf)) as file:
        texts = [_marked_texts(page) for page in file.pages]
    return [text for of_page in texts for number, text in of_page.items() if number < 0 and text]


def _node(element: pikepdf.Object, texts: dict[tuple[int, int], dict[int, str]]) -> Node:
    kids, words, annotation = [], [], ""
    inside = element.get("/K", [])
    for kid in inside if isinstance(inside, pikepdf.Array) else [inside]:
        if isinstance(kid, int):
            words.append(texts[element.Pg.objgen].pop(kid))
        elif kid.get("/Type") == "/MCR":
            words.append(texts[kid.Pg.objgen].pop(int(kid.MCID)))
        elif kid.get("/Type") == "/OBJR":
            annotation = str(kid.Obj.get("/NM", kid.Obj.get("/T", "")))
        else:
            assert kid.P.objgen == element.objgen
            kids.append(_node(kid, texts))
    facts = {str(name)[1:]: value for name, value in dict(element.get("/A", {})).items()}
    return Node(
        str(element.S)[1:],
        " ".join(filter(None, words)),
        str(element.get("/Lang", "")),
        str(element.get("/Alt", "")),
        facts,
        annotation,
        kids,
    )


def _marked_texts(page: pikepdf.Page) -> dict[int, str]:
    """Return the text of each piece of marked content, by its number; artifacts have negative ones.

    No text may be outside.
    """
    fonts = {name: _characters_of(font) for name, font in page.Resources.Font.items()}
    texts: dict[int, str] = {}
    open_marks: list[int] = []
    font, language = {}, ""
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BDC", "BMC"):
            facts = operands[1] if name == "BDC" else {}
            number = facts.get("/MCID")
            if number is not None:
                texts[int(number)] = ""
            elif operands[0] == "/Span":
                language, number = f"‹{facts['/Lang']}›", open_marks[-1]
            else:
                assert operands[0] == "/Artifact"
                number = -len(texts) - 1
                texts[number] = ""
            open_marks.append(int(number))
        elif name == "EMC":
            open_marks.pop()
        elif name == "Tf":
            font = fonts[str(operands[0])]
        elif name == "Td" and open_marks:
            texts[open_marks[-1]] += " " if texts[open_marks[-1]] else ""
        elif name == "Tj":
            assert open_marks, "text outside marked content"
            texts[open_marks[-1]] += language + "".join(font[code] for code in bytes(operands[0]))
            language = ""
    return texts


def _characters_of(font: pikepdf.Object) -> dict[int, str]:
    """Return the text of each character code, by the font's /ToUnicode."""
    table = font.ToUnicode.read_bytes().decode("latin-1")
    pairs = re.findall(r"<([0-9A-F]+)> <[0-9A-F]+> <([0-9A-F]+)>", table) or re.findall(
        r"<([0-9A-F]+)>\s*<([0-9A-F]+)>", table.split("endcodespacerange")[-1]
    )
    characters = {int(code, 16): bytes.fromhex(text).decode("utf-16-be") for code, text in pairs}
    for first, _last, texts in re.findall(r"<([0-9A-F]+)> <([0-9A-F]+)>\s*\[([^\]]*)\]", table):
        for offset, text in enumerate(re.findall(r"<([0-9A-F]+)>", texts)):
            characters[int(first, 16) + offset] = bytes.fromhex(text).decode("utf-16-be")
    return characters


def main() -> None:
    for path in sys.argv[1:]:
        print("\n".join(tree_of(Path(path).read_bytes()).lines()))  # noqa: T201


if __name__ == "__main__":
    main()
