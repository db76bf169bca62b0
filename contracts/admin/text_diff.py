"""Compare two versions of a text, or of all clauses, for readers."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from contracts.pdf.snapshot import CLAUSE_TEXTS, ClauseText

WORDS = re.compile(r"\s+|[A-Za-z0-9_]+|.")
"""Latin words as a whole; Chinese, written without spaces, by character."""
SENTENCE_PATTERN = re.compile(r"[^.;。；\n]*[.;。；\n]+|[^.;。；\n]+")
MIN_UNCHANGED_CHARS = 3
"""Shorter unchanged stretches between two changes count as changed: small islands are hard to read."""
MIN_SIMILARITY = 0.3
"""Less similar texts are shown as removed and added, as a whole."""
MAX_COMPARED_PAIRS = 250_000
"""Maximum words of one text times words of the other, about a third of a second. Longer texts are shown whole."""


class Part(NamedTuple):
    """A stretch of text that is unchanged, removed or added."""

    kind: Literal["same", "removed", "added"]
    text: str


class ClauseChange(NamedTuple):
    """Change of a clause. `texts` holds the parts of CLAUSE_TEXTS, in order."""

    kind: Literal["same", "changed", "removed", "added"]
    number: int
    """Current number; for removed clauses, the former one."""
    texts: tuple[tuple[Part, ...], ...]


def compare_clauses(before: Sequence[ClauseText], after: Sequence[ClauseText]) -> list[ClauseChange]:
    """Compare clause by clause, in the order of `after`, with removed clauses in place. Headings identify clauses."""
    changes = []
    matcher = SequenceMatcher(None, [_headings(c) for c in before], [_headings(c) for c in after], autojunk=False)
    for _tag, first, last, start, stop in matcher.get_opcodes():
        both = min(last - first, stop - start)
        for i in range(both):  # in a replaced block, the headings changed too
            changes.append(_change(before[first + i], after[start + i], start + i + 1))
        changes += [_whole("removed", before[i], i + 1) for i in range(first + both, last)]
        changes += [_whole("added", after[i], i + 1) for i in range(start + both, stop)]
    return changes


def compare_texts(before: str, after: str) -> tuple[Part, ...]:
    """Return the unchanged, removed and added parts in reading order."""
    old, new = SENTENCE_PATTERN.findall(_lines(before)), SENTENCE_PATTERN.findall(_lines(after))
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
    """Return the common beginning, the changes, and the common end."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    parts = [Part("same", "".join(old[:head]))]
    parts += _middle(old[head : len(old) - tail], new[head : len(new) - tail])
    return [*parts, Part("same", "".join(old[len(old) - tail :]))]


def _headings(clause: ClauseText) -> tuple[str, str]:
    return clause.heading_en, clause.heading_zh


def _change(before: ClauseText, after: ClauseText, number: int) -> ClauseChange:
    texts = tuple(compare_texts(getattr(before, name), getattr(after, name)) for name in CLAUSE_TEXTS)
    same = before.set_apart == after.set_apart and all(part.kind == "same" for parts in texts for part in parts)
    return ClauseChange("same" if same else "changed", number, texts)


def _whole(kind: Literal["removed", "added"], clause: ClauseText, number: int) -> ClauseChange:
    return ClauseChange(kind, number, tuple((Part(kind, _lines(getattr(clause, name))),) for name in CLAUSE_TEXTS))


def _lines(text: str) -> str:
    """Use the same line ends for texts from forms and from files."""
    return text.replace("\r\n", "\n")


def _common(old: list[str], new: list[str]) -> int:
    """Return the number of words that both begin with."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((i for i, (one, other) in pairs if one != other), min(len(old), len(new)))


def _middle(old: list[str], new: list[str]) -> list[Part]:
    """Compare the words between the common beginning and the common end."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if (
        not 0 < len(old) * len(new) <= MAX_COMPARED_PAIRS
        or matcher.quick_ratio() < MIN_SIMILARITY
        or matcher.ratio() < MIN_SIMILARITY
    ):
        return [Part("removed", "".join(old)), Part("added", "".join(new))]
    parts: list[Part] = []
    removed = added = ""
    blocks = matcher.get_opcodes()
    for i, (tag, first, last, start, stop) in enumerate(blocks):
        was, is_now = "".join(old[first:last]), "".join(new[start:stop])
        if tag == "equal" and (len(is_now.strip()) >= MIN_UNCHANGED_CHARS or i in (0, len(blocks) - 1)):
            parts += [Part("removed", removed), Part("added", added), Part("same", is_now)]
            removed = added = ""
        else:
            removed, added = removed + was, added + is_now
    return [*parts, Part("removed", removed), Part("added", added)]
