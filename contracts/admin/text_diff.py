"""What changed between two versions of a text, and of all clauses, for people to read."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from contracts.pdf.clauses import ClauseText

WORDS = re.compile(r"\s+|[A-Za-z0-9_]+|.")
"""Latin words whole; Chinese has no spaces between words and is compared by character."""
SENTENCES = re.compile(r"[^.;。；\n]*[.;。；\n]+|[^.;。；\n]+")
SHORT = 3
"""Characters. What stayed between two changes is part of the change if it is shorter: islands are hard to read."""
ALIKE = 0.3
"""Texts that share less than this are shown one after the other, whole."""
MOST_COMPARED = 250_000
"""Words of one stretch times words of the other: about a third of a second. Longer ones are shown whole, too."""


class Part(NamedTuple):
    """A stretch of text that stayed, was removed or was added."""

    kind: Literal["same", "removed", "added"]
    text: str


class ClauseChange(NamedTuple):
    """What became of one clause. `texts` holds the parts of each field of ClauseText, in their order."""

    kind: Literal["same", "changed", "removed", "added"]
    number: int
    """As printed now; for a removed clause, as printed before."""
    texts: tuple[tuple[Part, ...], ...]


def compare_clauses(before: Sequence[ClauseText], after: Sequence[ClauseText]) -> list[ClauseChange]:
    """Clause by clause in the order of `after`, removed ones where they stood. A clause is known by its headings."""
    changes = []
    matcher = SequenceMatcher(None, [_headings(c) for c in before], [_headings(c) for c in after], autojunk=False)
    for _tag, first, last, start, stop in matcher.get_opcodes():
        both = min(last - first, stop - start)
        for i in range(both):  # in a block that was replaced, the headings changed too
            changes.append(_change(before[first + i], after[start + i], start + i + 1))
        changes += [_whole("removed", before[i], i + 1) for i in range(first + both, last)]
        changes += [_whole("added", after[i], i + 1) for i in range(start + both, stop)]
    return changes


def compare_texts(before: str, after: str) -> tuple[Part, ...]:
    """The text by stretches: the same, removed and added ones in the order of reading."""
    old, new = SENTENCES.findall(_lines(before)), SENTENCES.findall(_lines(after))
    parts: list[Part] = []
    for tag, first, last, start, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(Part("same", "".join(old[first:last])))
        elif last - first == stop - start:
            for one, other in zip(old[first:last], new[start:stop], strict=True):
                parts += _compare_words(WORDS.findall(one), WORDS.findall(other))
        else:
            parts += _compare_words(*(WORDS.findall("".join(x)) for x in (old[first:last], new[start:stop])))
    return tuple(part for part in parts if part.text)


def _compare_words(old: list[str], new: list[str]) -> list[Part]:
    """The common beginning, what changed, and the common end."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    parts = [Part("same", "".join(old[:head]))]
    parts += _middle(old[head : len(old) - tail], new[head : len(new) - tail])
    return [*parts, Part("same", "".join(old[len(old) - tail :]))]


def _headings(clause: ClauseText) -> tuple[str, str]:
    return clause.heading_en, clause.heading_zh


def _change(before: ClauseText, after: ClauseText, number: int) -> ClauseChange:
    texts = tuple(compare_texts(old, new) for old, new in zip(before, after, strict=True))
    same = all(part.kind == "same" for parts in texts for part in parts)
    return ClauseChange("same" if same else "changed", number, texts)


def _whole(kind: Literal["removed", "added"], clause: ClauseText, number: int) -> ClauseChange:
    return ClauseChange(kind, number, tuple((Part(kind, _lines(text)),) for text in clause))


def _lines(text: str) -> str:
    """As a form sends it or a file holds it, a line ends the same way."""
    return text.replace("\r\n", "\n")


def _common(old: list[str], new: list[str]) -> int:
    """How many words both begin with."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((i for i, (one, other) in pairs if one != other), min(len(old), len(new)))


def _middle(old: list[str], new: list[str]) -> list[Part]:
    """What stands between the common beginning and the common end."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if not 0 < len(old) * len(new) <= MOST_COMPARED or matcher.quick_ratio() < ALIKE or matcher.ratio() < ALIKE:
        return [Part("removed", "".join(old)), Part("added", "".join(new))]
    parts: list[Part] = []
    removed = added = ""
    blocks = matcher.get_opcodes()
    for i, (tag, first, last, start, stop) in enumerate(blocks):
        was, is_now = "".join(old[first:last]), "".join(new[start:stop])
        if tag == "equal" and (len(is_now.strip()) >= SHORT or i in (0, len(blocks) - 1)):
            parts += [Part("removed", removed), Part("added", added), Part("same", is_now)]
            removed = added = ""
        else:
            removed, added = removed + was, added + is_now
    return [*parts, Part("removed", removed), Part("added", added)]
