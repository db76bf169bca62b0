"""The structure tree says what everything on the pages is, in reading order, before and after sealing (R40)."""

import itertools
import re
from collections import Counter
from io import BytesIO

import pikepdf
import pytest

from contracts.pdf.labels import Labels
from contracts.types import TYPES
from tests.contracts.archival.reading import artifacts_of, tree_of
from tests.contracts.archival.samples import LANGUAGES, draft, seal, void_certificate
from tests.contracts.pdf.reading import needs_poppler, pages_of_text, squeezed
from tests.contracts.pdf.samples import snapshot

pytestmark = pytest.mark.rule("R40")
COLUMNS = 8
"""Of orders that state no tax."""
MARK = re.compile("‹[A-Za-z-]+›")


def annotations_of(pdf: bytes) -> list[list[str]]:
    with pikepdf.open(BytesIO(pdf)) as file:
        return [[str(each.get("/NM", each.get("/T"))) for each in page.Annots] for page in file.pages]


@needs_poppler
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("type_", TYPES)
def test_all_that_is_printed_is_read_out_once_or_is_an_artifact(type_, language, tmp_path):
    pdf = draft(type_, language, 20)
    told = [node.text for node in _all(tree_of(pdf))]
    artifacts = artifacts_of(pdf)
    printed = "".join(pages_of_text(pdf, tmp_path, "-raw"))
    assert Counter(squeezed(MARK.sub("", "".join([*told, *artifacts])))) == Counter(squeezed(printed))


def test_only_headers_footers_and_repeated_heads_are_not_read_out():
    labels, pages = Labels("en"), len(annotations_of(draft("order", "en", 20)))
    artifacts = artifacts_of(draft("order", "en", 20))
    headers = [text for text in artifacts if snapshot().number in text]
    footers = [text for text in artifacts if labels("verification") in text]
    heads = [text for text in artifacts if labels("orders_continued") in text]
    assert len(headers) == len(footers) == pages
    assert len(artifacts) == len(headers) + len(footers) + len(heads)


def _all(node):
    yield node
    for kid in node.kids:
        yield from _all(kid)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 200])
def test_every_order_is_a_row_of_one_table(language, count):
    [table] = tree_of(draft("order", language, count)).find("Table")
    head, body, foot = table.kids
    assert [head.kind, body.kind, foot.kind] == ["THead", "TBody", "TFoot"]
    [heads] = head.kids
    assert [(cell.kind, str(cell.attributes["Scope"])) for cell in heads.kids] == [("TH", "/Column")] * COLUMNS
    assert len(body.kids) == count
    contract = snapshot(count, language=language)
    for row, line in zip(body.kids, contract.lines, strict=True):
        assert [cell.kind for cell in row.kids] == ["TD", "TH", *["TD"] * 6]
        assert str(row.kids[1].attributes["Scope"]) == "/Row"
        assert squeezed(row.kids[1].text) == line.number
        assert MARK.sub("", row.kids[2].text).startswith(line.product_name[:3])
        assert squeezed(line.configuration[-8:]) in squeezed(MARK.sub("", row.kids[2].text))
    [total] = foot.kids
    assert sum(int(cell.attributes.get("ColSpan", 1)) for cell in total.kids) == COLUMNS


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_begin_with_the_title_and_skip_no_level(language):
    for pdf in (draft("payment_request", language, 1), void_certificate(language)):
        levels = [int(node.kind[1]) for node in _all(tree_of(pdf)) if re.fullmatch("H[1-6]", node.kind)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_each_language_of_a_bilingual_contract_is_marked():
    tree = tree_of(draft("order", "both", 1))
    sections = [node.language for node in tree.find("Sect") if node.language]
    assert sections == ["zh-Hans", "en"] * 10
    label = tree.find("Lbl")[0]
    assert label.text == "合同编号 ‹en›Contract No."


def test_chinese_names_in_an_english_contract_are_marked():
    names = [node.text for node in tree_of(draft("order", "en", 1)).find("LBody")]
    assert "‹zh-Hans›北京云杉数据技术有限公司" in names


def test_pictures_have_a_text():
    tree = tree_of(draft("order", "zh-hans", 1))
    [figure] = tree.find("Figure")
    assert snapshot().verification_url in figure.alt
    assert len(figure.attributes["BBox"]) == 4
    assert all(node.alt for node in tree.find("Annot"))


@pytest.mark.parametrize("count", [1, 20])
def test_the_drafts_marks_are_read_first_and_last(count):
    pdf = draft("order", "en", count)
    tree = tree_of(pdf)
    marks = [node.annotation for node in tree.kids if node.kind == "Annot"]
    assert marks == [names[0] for names in annotations_of(pdf)]
    assert tree.kids[0].annotation == "draft-mark-1"


def test_sealing_replaces_the_marks_by_the_seals(test_seal):
    sealed = seal(draft("order", "zh-hans", 20))
    tree = tree_of(sealed)
    assert "草稿，未盖章" not in tree.read()
    [field] = tree.find("Form")
    assert (field.annotation, field.alt) == ("ContractSeal", "上海杉橡云计算有限公司电子印章")
    slices = [node for node in tree.kids if node.kind == "Annot"]
    assert tree.kids[-len(slices) :] == slices
    assert [node.annotation for node in slices] == [names[0] for names in annotations_of(sealed)]
    assert slices[0].alt == f"骑缝章，第 1 部分，共 {len(slices)} 部分"


def test_sealing_adds_no_other_change_to_what_is_read(test_seal):
    for unsealed in (draft("order", "en", 20), void_certificate("en")):
        before, after = (tree_of(pdf) for pdf in (unsealed, seal(unsealed)))
        texts = [[node.text for node in _all(tree) if node.kind not in ("Annot", "Form")] for tree in (before, after)]
        assert texts[0] == texts[1]


@pytest.mark.parametrize("is_sealed", [False, True])
def test_pages_and_annotations_lead_to_their_elements(is_sealed, test_seal):
    unsealed = draft("order", "en", 20)
    with pikepdf.open(BytesIO(seal(unsealed) if is_sealed else unsealed)) as file:
        tree = pikepdf.NumberTree(file.Root.StructTreeRoot.ParentTree)
        for page in file.pages:
            assert page.Tabs == "/S"
            assert all(element.Pg.objgen == page.obj.objgen or "/K" in element for element in tree[page.StructParents])
            for annotation in page.Annots:
                assert tree[annotation.StructParent].K.Obj.objgen == annotation.objgen
        assert max(tree) < file.Root.StructTreeRoot.ParentTreeNextKey


def test_a_file_of_before_the_structure_is_sealed_without(test_seal):
    with pikepdf.open(BytesIO(draft("order", "en", 1))) as file:
        del file.Root.StructTreeRoot
        output = BytesIO()
        file.save(output)
    sealed = seal(output.getvalue())
    assert annotations_of(sealed)[-1][-1] == "ContractSeal"
