"""The normal forms of texts and identifiers."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.normal_forms import normalise_code, normalise_identifier, normalise_line, normalise_text

FORMS = [normalise_text, normalise_line, normalise_code, normalise_identifier]
ODD = (
    "ﬁ⽅⻳ﷺﱞ郎e\u0301\u0300ßŉΐ\u00a0\u3000\u200b\u200d\u202e\u2066\ufe0f\ufeff\u00ad\u034f\u3164\uffa0\u115f"
    "–—−－Ａａ１．／#\u00a8\n\r\t\u2028가"
)
TEXTS = st.text(st.characters() | st.sampled_from(ODD) | st.sampled_from("aA1 -"), max_size=40)


@pytest.mark.parametrize("form", FORMS)
@given(TEXTS)
@example("\u00b4\u0301")
@example("a -\u0308")
def test_a_form_is_its_own_form(form, text):
    once = form(text)
    assert form(once) == once
    assert once == once.strip()


@given(TEXTS)
def test_an_identifiers_form_is_the_same_from_any_way_of_writing_it(text):
    identifier = normalise_identifier(text)
    assert normalise_code(identifier) == identifier
    assert normalise_identifier(normalise_code(text)) == identifier
    assert normalise_identifier(f" {text.lower()} ".replace("-", "–")) == normalise_identifier(text.lower())


@given(TEXTS)
def test_a_line_holds_nothing_that_cannot_be_seen(text):
    line = normalise_line(text)
    assert not [c for c in line if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"}]
    assert not {"\ufe0f", "\u034f", "\u3164"} & set(line)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  two  spaces ", "two spaces"),
        ("one\r\ntwo\n\n\nthree", "one\ntwo\nthree"),
        ("a\x00b\x07c", "abc"),
        ("right\u202eleft\u200b\u2066x\u2069", "rightleftx"),
        ("全角\u3000空格\xa0x", "全角 空格 x"),
        ("cafe\u0301", "café"),
        ("c\u200dafe\u200b\u0301", "café"),
        ("star ⭐\ufe0f", "star ⭐"),
        ("o\ufb03ce ﬁle", "office file"),
        ("\u2f45圆\u2f00号", "方圆一号"),
        ("云帆科技（上海）有限公司，１号", "云帆科技（上海）有限公司，１号"),
        ("\uf92c", "\uf92c"),
        ("\u3164\u115f", ""),
        ("\u2028\x0b", ""),
        ("q\u0303", "q\u0303"),  # has no composed form; documents refuse it by name (R28)
    ],
    ids=ascii,
)
def test_a_text_is_kept_as_it_is_seen(text, kept):
    assert normalise_text(text) == kept


@pytest.mark.parametrize(
    ("text", "code", "identifier"),
    [
        ("91110000-600037341L", "91110000-600037341L", "91110000600037341L"),
        ("９１１１００００６０００３７３４１ｌ", "91110000600037341l", "91110000600037341L"),
        (" foup\u2013 77 ", "foup- 77", "FOUP77"),
        ("ＦＯＵＰ－７７\u200b", "FOUP-77", "FOUP77"),
        ("+86\u00a021\u20115000\u3000 0000", "+86 21-5000 0000", "+862150000000"),
        ("SO／１", "SO/1", "SO/1"),
        ("＃1001", "#1001", "#1001"),
        ("订单２０２６－１", "订单2026-1", "订单20261"),
        ("de89 3704 0044", "de89 3704 0044", "DE8937040044"),
    ],
)
def test_codes_and_identifiers(text, code, identifier):
    assert normalise_code(text) == code
    assert normalise_identifier(text) == identifier
