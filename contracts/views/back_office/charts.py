"""Bar charts by month as coordinates for inline SVG: the content security policy allows no script or style."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

SLOT_WIDTH, BAR_WIDTH = 44, 24
"""Width of a month and of its bar."""
TOP, BASE, HEIGHT = 22, 142, 178
"""Distances from the top: of the highest bar's top, the bars' base, and the whole height."""


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of a stacked bar."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    month: date
    x: int
    middle: int
    parts: list[Part]
    label: str
    label_y: float


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    bars: list[Bar]

    width, height, base, bar_width = property(lambda self: SLOT_WIDTH * len(self.bars)), HEIGHT, BASE, BAR_WIDTH


def chart(
    title: str,
    stacks: Sequence[tuple[date, dict[str, Decimal]]],
    label: Callable[[Decimal], str],
) -> Chart:
    """Return a chart. `stacks` is month → value of each kind, from the base up; the highest stack fills the height."""
    highest = max((sum(values.values(), Decimal(0)) for _month, values in stacks), default=Decimal(0))
    scale = (BASE - TOP) / float(highest) if highest else 0.0
    return Chart(title, [_bar(i, month, values, scale, label) for i, (month, values) in enumerate(stacks)])


def _bar(place: int, month: date, values: dict[str, Decimal], scale: float, label: Callable[[Decimal], str]) -> Bar:
    parts, y = [], float(BASE)
    for kind, value in values.items():
        height = round(float(value) * scale, 1)
        y = round(y - height, 1)
        parts.append(Part(kind, y, height))
    total = sum(values.values(), Decimal(0))
    middle = place * SLOT_WIDTH + SLOT_WIDTH // 2
    return Bar(month, middle - BAR_WIDTH // 2, middle, parts, label(total) if total else "", y - 6)
