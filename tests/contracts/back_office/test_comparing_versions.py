"""What changed between two versions, as people read it."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.admin.text_diff import compare_clauses, compare_texts
from contracts.pdf.snapshot import ClauseText


def clause(heading: str, text: str = "Text.") -> ClauseText:
    return ClauseText(heading, text, f"{heading} 标题", f"{text} 正文")


def marked(before: str, after: str) -> str:
    marks = {"same": "%s", "added": "[+%s]", "removed": "[-%s]"}
    return "".join(marks[kind] % text for kind, text in compare_texts(before, after))


def kinds(before, after):
    return [(change.kind, change.number) for change in compare_clauses(before, after)]


def test_english_is_compared_by_word_and_chinese_by_character():
    assert marked("for three years after", "for five years after") == "for [-three][+five] years after"
    assert marked("终止后三年内有效", "终止后五年内有效") == "终止后[-三][+五]年内有效"


def test_sentences_that_were_moved_in_leave_the_others_alone():
    assert marked("One pays. Two ships.", "One pays. Three waits. Two ships.") == "One pays.[+ Three waits.] Two ships."


def test_the_same_text_has_no_changes():
    assert marked("One\r\ntwo", "One\ntwo") == "One\ntwo"
    assert compare_texts("", "") == ()


def test_texts_with_nothing_in_common_are_shown_one_after_the_other():
    assert (
        marked("Party A pays on time", "Goods are sent at once") == "[-Party A pays on time][+Goods are sent at once]"
    )


def test_what_is_left_between_two_changes_is_no_island():
    assert marked("we fix a price now", "we agree a sum now") == "we [-fix a price][+agree a sum] now"


@given(st.text(alphabet="ab 款。,\n", max_size=40), st.text(alphabet="ab 款。,\n", max_size=40))
def test_both_texts_can_be_read_out_of_the_comparison(before, after):
    parts = compare_texts(before, after)
    assert "".join(text for kind, text in parts if kind != "added") == before
    assert "".join(text for kind, text in parts if kind != "removed") == after


def test_clauses_are_known_by_their_headings_wherever_they_stand():
    before = [clause("One"), clause("Two"), clause("Three")]
    after = [clause("New"), clause("One"), clause("Three", "Other text.")]
    assert kinds(before, after) == [("added", 1), ("same", 2), ("removed", 2), ("changed", 3)]


def test_a_clause_with_another_heading_has_changed():
    assert kinds([clause("One"), clause("Two")], [clause("One"), clause("Second")]) == [("same", 1), ("changed", 2)]


def test_the_first_version_is_all_new():
    assert kinds([], [clause("One"), clause("Two")]) == [("added", 1), ("added", 2)]


@pytest.mark.parametrize("sentence", ["甲方应于各订单付款截止时间前支付", "甲方应于各订单付款截止时间前支付。"])
def test_the_longest_texts_are_compared_soon_enough_to_wait_for(sentence):
    """Two texts of 4,000 characters, every tenth of them another: compared as a whole it takes 20 s."""
    before = sentence * 240
    after = "".join("乙" if i % 10 == 0 and char != "。" else char for i, char in enumerate(before))
    started = perf_counter()
    parts = compare_texts(before, after)
    assert perf_counter() - started < 5
    kept = sum(len(text) for kind, text in parts if kind == "same")
    assert (kept > 3000) == sentence.endswith("。")  # sentence by sentence each change is found
