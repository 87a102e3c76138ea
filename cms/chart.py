"""Geometry of an indicator's chart, drawn on the server as SVG: pure arithmetic, no markup.

Coordinates are SVG user units in a box of 440 × 260, the origin at the top left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

WIDTH, HEIGHT = 440, 260
LEFT, RIGHT, TOP, BOTTOM = 52, 116, 28, 36
BAR = 44
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True)
class Bar:
    """One period: its label, printed value and rectangle; ``kind`` picks pattern and colour."""

    label: str
    text: str
    kind: str
    x: float
    y: float
    height: float
    width: float = BAR

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def above(self) -> float:
        return self.y - 8


@dataclass(frozen=True)
class Line:
    """A horizontal line across the chart with its words, e.g. the standard."""

    kind: str
    text: str
    y: float
    text_y: float


@dataclass(frozen=True)
class Tick:
    text: str
    y: float


@dataclass(frozen=True)
class Chart:
    """Everything that the template needs; no numbers are computed there."""

    bars: list[Bar]
    lines: list[Line]
    ticks: list[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    words_x: int = WIDTH - RIGHT + 8
    base: int = HEIGHT - BOTTOM
    label_y: int = HEIGHT - BOTTOM + 24


def plain(value: Decimal) -> str:
    """Print a number without useless zeros: 95.7800 → 95.78, 100.0000 → 100."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def nice_step(span: Decimal, ticks: int = 4) -> Decimal:
    """The smallest of 1, 2, 2.5, 5 × 10ⁿ that covers ``span`` with at most ``ticks`` steps."""
    raw = span / ticks
    power = Decimal(10) ** (raw.adjusted() if raw else 0)
    return next(power * step for step in STEPS if power * step >= raw)


def _axis(values: Sequence[Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    """Bottom, top and step of the axis. It starts at 0, so that bars never exaggerate."""
    highest = max(*values, Decimal(0))
    step = nice_step(highest or Decimal(1))
    top = step * (highest / step).to_integral_value(ROUND_CEILING)
    return Decimal(0), top or step, step


def _spread(positions: list[float], gap: float = 18) -> list[float]:
    """Move labels that would print over each other apart, keeping their order."""
    placed: list[float] = []
    for position in positions:
        placed.append(max(position, placed[-1] + gap) if placed else position)
    return placed


def draw(
    points: Sequence[tuple[str, Decimal, str]], limits: Sequence[tuple[str, str, Decimal]]
) -> Chart | None:
    """Return the chart of ``points`` (label, value, kind) with ``limits`` (kind, words, value).

    None when there is nothing to draw or a value is negative: then the table speaks alone.
    """
    values = [value for _, value, _ in points] + [value for _, _, value in limits]
    if not points or min(values) < 0:
        return None
    bottom, top, step = _axis(values)
    room = HEIGHT - TOP - BOTTOM

    def y_of(value: Decimal) -> float:
        return round(TOP + float((top - value) / (top - bottom)) * room, 1)

    slot = (WIDTH - LEFT - RIGHT) / len(points)
    width = min(BAR, slot * 0.6)
    bars = [
        Bar(
            label=label,
            text=plain(value),
            kind=kind,
            x=round(LEFT + slot * (n + 0.5) - width / 2, 1),
            y=y_of(value),
            height=round(y_of(bottom) - y_of(value), 1),
            width=round(width, 1),
        )
        for n, (label, value, kind) in enumerate(points)
    ]
    ordered = sorted(limits, key=lambda limit: -limit[2])
    places = [y_of(value) for _, _, value in ordered]
    words = _spread(places)
    lines = [
        Line(kind, text, y, word_y + 4)
        for (kind, text, _), y, word_y in zip(ordered, places, words, strict=True)
    ]
    count = int((top - bottom) / step)
    ticks = [Tick(plain(bottom + step * n), y_of(bottom + step * n)) for n in range(count + 1)]
    return Chart(bars, lines, ticks)
