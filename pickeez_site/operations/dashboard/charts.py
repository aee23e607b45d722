"""The geometry of bar charts, in units of the SVG's view box. The templates only print it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

WIDTH = 420
LEFT, RIGHT, TOP, BOTTOM = 44.0, 18.0, 8.0, 20.0
GAP = 0.22  # between two columns, as a part of a column's width
ROW_HEIGHT, ROW_BAR, LABEL_HEIGHT, ROW_TOP = 36, 12, 15, 2


@dataclass(frozen=True)
class Bar:
    """A rectangle with its label and its formatted value."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: str
    url: str = ""

    @property
    def end(self) -> float:
        return self.x + self.width

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True)
class Columns:
    """Vertical bars on an axis, with a scale from 0 at the left."""

    height: int
    bars: Sequence[Bar]
    scale: Sequence[Tick]
    labels: Sequence[Tick]
    width: int = WIDTH
    left: float = LEFT
    right: float = WIDTH - RIGHT

    @property
    def bottom(self) -> float:
        return self.height - BOTTOM


def columns(points: Sequence[tuple[str, int]], *, height: int, every: int = 1) -> Columns:
    """Vertical bars for (label, count). Every `every`th bar has a label, counted from the last bar."""
    steps = scale_steps(max((count for _, count in points), default=0))
    bottom, column = height - BOTTOM, (WIDTH - LEFT - RIGHT) / max(1, len(points))
    per_unit = (bottom - TOP) / steps[-1]
    bars = [
        Bar(
            x=round(LEFT + column * (number + GAP / 2), 1),
            y=round(bottom - count * per_unit, 1),
            width=round(column * (1 - GAP), 1),
            height=round(count * per_unit, 1),
            label=label,
            value=f"{count:,}",
        )
        for number, (label, count) in enumerate(points)
    ]
    labels = [Tick(round(bar.middle, 1), bar.label) for bar in bars[::-1][::every]][::-1]
    return Columns(
        height, bars, [Tick(round(bottom - step * per_unit, 1), abbreviated(step)) for step in steps], labels
    )


@dataclass(frozen=True)
class Rows:
    """Horizontal bars, each below its label."""

    bars: Sequence[Bar]
    width: int = WIDTH
    label_height: int = LABEL_HEIGHT

    @property
    def height(self) -> int:
        return ROW_TOP + ROW_HEIGHT * len(self.bars)


def rows(points: Sequence[tuple[str, float, str, str]]) -> Rows:
    """Horizontal bars for (label, amount, formatted amount, URL or '')."""
    longest = max((amount for _, amount, _, _ in points), default=0) or 1
    return Rows(
        [
            Bar(
                x=0,
                y=ROW_TOP + ROW_HEIGHT * number + LABEL_HEIGHT + 3,
                width=round(max(1.0, WIDTH * amount / longest), 1),
                height=ROW_BAR,
                label=label,
                value=value,
                url=url,
            )
            for number, (label, amount, value, url) in enumerate(points)
        ]
    )


def scale_steps(highest: int) -> list[int]:
    """0 and up to four round whole numbers; the last one is at least `highest`."""
    rough = max(1.0, highest / 3)
    power = 10 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [step * number for number in range(max(1, ceil(highest / step)) + 1)]


def abbreviated(count: int) -> str:
    """`12000` as `12k`."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:g}{letter}"
    return str(count)
