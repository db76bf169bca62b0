"""Where lines break, and how Chinese and Latin stand together."""

import re

import pytest

from contracts.pdf.clauses import PREVAILING
from contracts.pdf.fonts import MAX_SPREAD_RATIO, NO_LINE_END, NO_LINE_START, REGULAR, justify, text_width, wrap
from contracts.pdf.labels import TEXTS, Labels
from contracts.types import TYPES
from tests.contracts.pdf.samples import texts_of_types

CONFIGURATION = (
    "计算型 c6，8 核 16 GB，系统盘 100 GB SSD，公网带宽 10 Mbit/s，可用区 B；购买时长 12 个月；"
    "起止 2026-11-20 至 2027-11-20 12:00，见《产品说明（第 3 版）》。"
)


def every_width(text: str) -> list[list[str]]:
    return [wrap(text, REGULAR, 8, width) for width in range(120, 400)]


@pytest.mark.parametrize(
    "whole", ["100 GB", "16 GB", "8 核", "12 个", "2026-11-20", "Mbit/s", "2027-11-20 12:00", "3 版"]
)
def test_a_figure_stays_with_its_unit_and_a_date_whole(whole):
    for lines in every_width(CONFIGURATION):
        assert any(whole in line for line in lines), lines


@pytest.mark.parametrize("whole", ["Party A", "Party B's"])
def test_a_party_keeps_its_letter(whole):
    text = f"Notices go to the contact details that are stated above for {whole} and for the other party alike."
    for lines in every_width(text):
        assert any(whole in line for line in lines), lines


def test_no_line_begins_or_ends_with_the_wrong_punctuation():
    for lines in every_width(CONFIGURATION):
        assert not [line for line in lines if line[0] in NO_LINE_START or line[-1] in NO_LINE_END]


def test_what_belongs_together_is_parted_where_half_the_line_would_stay_empty():
    for lines in every_width("计算型 " + "1 a" * 80):
        assert all(text_width(line, REGULAR, 8) > 50 for line in lines[:-1])


def test_flush_lines_are_as_wide_as_they_shall_be():
    text = CONFIGURATION * 3
    for width in (150, 198, 369.3):
        *lines, (last, none) = justify(text, REGULAR, 8, width)
        assert none == 0
        assert last == wrap(text, REGULAR, 8, width)[-1]
        flush = [(line, spread) for line, spread in lines if spread]
        assert len(flush) > len(lines) / 2
        for line, spread in flush:
            assert text_width(line, REGULAR, 8) + spread * (len(line) - 1) == pytest.approx(width)
            assert spread <= MAX_SPREAD_RATIO * 8


def test_each_paragraph_ends_as_it_likes():
    assert [spread for _, spread in justify("甲方\n乙方", REGULAR, 8, 200)] == [0, 0]


def test_our_own_texts_have_a_space_between_chinese_and_latin():
    ours = [chinese for _, chinese in TEXTS.values()] + [PREVAILING[1]] + texts_of_types(Labels("zh-hans"))
    for type_ in TYPES.values():
        ours += [part for clause in type_.clauses for part in (clause.heading_zh, clause.text_zh)]
    touching = re.compile(r"[\u4e00-\u9fff][A-Za-z0-9{]|[A-Za-z0-9}][\u4e00-\u9fff]")
    assert not [text for text in ours if touching.search(text)]


def test_our_own_chinese_has_full_width_punctuation():
    ours = [chinese for _, chinese in TEXTS.values()] + texts_of_types(Labels("zh-hans"))
    for type_ in TYPES.values():
        ours += [part for clause in type_.clauses for part in (clause.heading_zh, clause.text_zh)]
    assert not [text for text in ours if re.search(r"[\u4e00-\u9fff][,;:!?()]", text)]
