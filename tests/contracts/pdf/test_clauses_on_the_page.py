"""How the clauses are set: beside their headings, or in two languages side by side."""

import pytest

from contracts.pdf import render_draft
from contracts.pdf.clauses import VARIABLES, fill_clauses, get_variable_values
from contracts.pdf.layout import LEFT, RIGHT
from contracts.pdf.snapshot import ClauseText
from contracts.pdf.terms import CHINESE_COLUMN_WIDTH
from tests.contracts.pdf.reading import Printed, lines_of
from tests.contracts.pdf.samples import snapshot

CHINESE = "本合同一式两份，双方各执一份，具有同等法律效力；未尽事宜，由双方另行协商确定。" * 6
ENGLISH = "Each party keeps what it learns of the other's business to itself and uses it only for this contract. " * 6
CLAUSE = ClauseText("Secrecy and everything that belongs to it", ENGLISH, "保密义务及其他有关事项", CHINESE)


def printed(language: str) -> list[Printed]:
    """The lines of a contract's one clause, heading and text."""
    lines = lines_of(render_draft(snapshot(1, language=language, clauses=(CLAUSE,))))
    first = next(n for n, line in enumerate(lines) if line.text.startswith(("Terms", "合同条款"))) + 2
    end = next(n for n, line in enumerate(lines) if line.text.startswith(("Signatures", "签署")))
    return [line for line in lines[first:end] if 60 < line.baseline < 790]


def test_a_heading_stands_beside_its_text():
    for language, words in (("en", "Eachparty"), ("zh-hans", "本合同一式")):
        lines = printed(language)
        heading = [line for line in lines if line.left < 150]
        text = [line for line in lines if line.left > 150]
        assert heading[0].baseline == pytest.approx(text[0].baseline, abs=0.2)
        assert text[0].text.startswith(words)
        assert max(line.right for line in heading) < min(line.left for line in text) - 8
    english = [line.text for line in printed("en") if line.left < 150]
    assert "".join(english).replace("1", "") == "Secrecyandeverythingthatbelongstoit"  # wrapped, whole


def test_what_stands_in_braces_becomes_the_facts_of_this_contract():
    text = "{count} in {currency}, until {until}"
    facts = snapshot(3, type="payment_request", clauses=(ClauseText("Facts", text, "事实", text),))
    assert any("3inUSD,until2026-11-2512:00" in line.text for line in lines_of(render_draft(facts)))
    assert set(get_variable_values(facts)) == set(VARIABLES)


def test_what_a_variable_stands_for_is_printed_as_it_is():
    text = "{count} in {currency} {other} {"
    values = dict.fromkeys(VARIABLES, "–") | {"count": 3, "currency": "{until}"}
    [clause] = fill_clauses([ClauseText("", text, "", text)], "en", bilingual=False, **values)
    assert clause.text == "3 in {until} {other} {"


def test_lines_are_not_too_long_to_read():
    assert max(len(line.text) for line in printed("en") if line.left > 150) <= 90
    assert max(len(line.text) for line in printed("zh-hans") if line.left > 150) <= 45


def test_chinese_is_flush_at_both_edges():
    for language in ("zh-hans", "both"):
        lines = [line for line in printed(language) if "，" in line.text or "；" in line.text or "双方" in line.text]
        assert len(lines) > 4
        edge = RIGHT if language == "zh-hans" else LEFT + CHINESE_COLUMN_WIDTH
        for line in lines[:-1]:
            # the ink of a comma or full stop fills the left half of its place
            assert edge - line.right < (6.5 if line.text[-1] in "，；。" else 1), line
            assert line.right < edge + 0.5
        assert len({round(line.left) for line in lines}) <= 2


def test_english_is_set_with_even_spaces():
    ends = {round(line.right) for line in printed("en") if line.left > 150}
    assert len(ends) > 3


def test_both_languages_end_together():
    """The shipped clauses, as no two languages are of one length in any text."""
    lines = lines_of(render_draft(snapshot(1, language="both")))
    start = next(n for n, line in enumerate(lines) if line.text.startswith("合同条款"))
    texts = [line for line in lines[start + 2 :] if 60 < line.baseline < 770]
    end = next(n for n, line in enumerate(texts) if line.text.startswith("签署"))
    chinese = [line for line in texts[:end] if line.left < 60 and not line.text[0].isdigit()]
    english = [line for line in texts[:end] if 268 < line.left < 276 and not line.text[0].isdigit()]
    assert len(english) > 40
    assert 0.8 < len(chinese) / len(english) < 1.25
    assert max(line.right for line in chinese) <= LEFT + CHINESE_COLUMN_WIDTH + 0.5 < min(line.left for line in english)


def test_the_same_detail_of_both_parties_stands_on_one_line():
    lines = lines_of(render_draft(snapshot(1)))
    for label in ("Name", "Address", "Contact", "Phone", "Email", "Bank", "Bankaccount", "Unifiedsocialcredit"):
        a, b = (line for line in lines if line.text == label and line.page == 1)
        assert a.baseline == pytest.approx(b.baseline, abs=0.01)
