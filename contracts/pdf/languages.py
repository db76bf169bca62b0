"""Find text in another language than its document's, so that screen readers pronounce it right."""

import re
from collections.abc import Iterator

_WIDE = "\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
_CHINESE = re.compile(f"[{_WIDE}](?:[^{_WIDE}]{{0,8}}[{_WIDE}])*")
"""With short codes and figures in it, such as 计算型 c6，8 核."""
_LATIN = re.compile(f"[A-Za-z][^{_WIDE}]*")
_WORD = re.compile("[a-z]{2}")
_WORDS = re.compile("[a-z]{3}[ ,.()&-]+[A-Za-z]{2}")
"""Two words: in data "10 Mbit/s" is not English, and "general purpose SSD" is."""
DATA = frozenset({"TD", "LBody"})


def split_by_language(text: str, language: str, kind: str) -> Iterator[tuple[str, str]]:
    """Yield (language of the part or "" for `language`, part) for a text in a tag of this kind.

    `language` is "en" or "zh-Hans", and so are those of the parts.
    """
    if language == "en":
        other, foreign = "zh-Hans", [] if text.isascii() else _CHINESE.finditer(text)
    else:
        words = _WORDS if kind in DATA else _WORD
        other, foreign = "en", (part for part in _LATIN.finditer(text) if words.search(part[0]))
    end = 0
    for part in foreign:
        if part.start() > end:
            yield "", text[end : part.start()]
        yield other, part[0]
        end = part.end()
    if end < len(text):
        yield "", text[end:]
