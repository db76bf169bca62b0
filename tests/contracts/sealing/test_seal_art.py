"""The visible seal: vector art for any issuer's name."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest

from contracts.pdf import fonts
from contracts.sealing import SealUnavailable, seal
from contracts.sealing.art import SIZE, UnprintableSealError, number_art, seal_art, time_art
from tests.contracts.sealing.conftest import make_draft

NAMES = [
    "云",
    "北京云海科技有限公司",
    "深圳市前海蓝色星辰云计算信息技术服务股份有限公司" * 2,
    "Nimbus",
    "Blue Harbour Cloud Computing and Managed Hosting Services International (Asia Pacific) Private Limited " * 2,
]


@pytest.mark.parametrize("name", NAMES)
def test_every_letter_of_the_name_is_on_the_seal_and_inside_it(name):
    art = seal_art(name).decode()
    letters = [line.split() for line in art.splitlines() if line.startswith("q ") and " cm " in line]
    fixed = len("合同专用章") + len("CONTRACTSEAL")
    assert len(letters) == len(name.replace(" ", "")) + fixed
    for letter in letters:
        assert 0 < float(letter[5]) < SIZE
        assert 0 < float(letter[6]) < SIZE


@pytest.mark.parametrize("number", ["A1", "EC-7K3M-9QXA", "C-2026-1123-8F3K-2M7Q-9QXA-0001"])
def test_the_number_is_set_at_the_foot(number):
    letters = [line.split() for line in number_art(number).decode().splitlines() if " cm " in line]
    assert len(letters) == len(number)
    assert all(float(letter[6]) < SIZE / 3 for letter in letters)
    across = [float(letter[5]) for letter in letters]
    assert across == sorted(across)


def test_the_art_is_drawn_without_fonts_images_or_exponents():
    art = seal_art(NAMES[1]).decode() + number_art("EC-7K3M-9QXA").decode()
    words = set(art.split())
    assert not words & {"Tf", "Tj", "TJ", "Do", "BI"}
    assert "e-" not in art


def test_a_test_seal_says_so_in_print():
    plain, test = seal_art("Nimbus"), seal_art("Nimbus", "TEST, NOT LEGALLY BINDING")
    assert len(test) > len(plain)


def test_a_name_that_no_font_can_print_is_refused(test_seal):
    assert fonts.missing_characters("云\U000f1234")
    with pytest.raises(UnprintableSealError):
        seal_art("云\U000f1234")
    with pytest.raises(SealUnavailable, match="cannot print these characters: \U000f1234"):
        seal(make_draft(), number="EC-1", issuer_name="云\U000f1234")


def test_what_the_document_does_not_print_the_seal_does_not_either():
    assert seal_art("Nim\u200bbus") == seal_art("Nimbus")


def test_time_and_level_stay_clear_of_the_ring_and_the_number():
    at = datetime(2026, 11, 30, 22, 51, tzinfo=timezone(timedelta(hours=8)))
    art = time_art(at, "B-LT").decode()
    letters = [line.split() for line in art.splitlines() if " cm " in line]
    assert len(letters) == len("2026-11-30 22:51 +08:00 · B-LT".replace(" ", ""))
    assert all(math.hypot(float(x[5]) - SIZE / 2, float(x[6]) - SIZE / 2) < 46 for x in letters)
    assert time_art(at, "B-B") != time_art(at.astimezone(UTC), "B-B")
