"""Lines on two logarithmic axes, as SVG that reads on light and on dark pages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
import math
from typing import Final

type Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 78, 150, 40, 48
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # Okabe and Ito
_LINE: Final = 15  # between labels one above the other
_BESIDE: Final = 44  # between labels side by side
_MANTISSAS: Final = (1, 2, 5)
_MOST_TICKS: Final = 9
_STYLE: Final = (
    "text{font:13px sans-serif;fill:#333}.title{font-weight:600}"
    ".grid{stroke:#8888;stroke-width:.5}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Named lines over one quantity; all values are above 0."""

    title: str
    across: str
    up: str
    lines: Mapping[str, Points]


def svg(chart: Chart) -> str:
    """Return the chart as a document."""
    across = _Axis([x for line in chart.lines.values() for x, _ in line])
    up = _Axis([y for line in chart.lines.values() for _, y in line], even=True)
    parts = [*_frame(chart, across, up), *_lines(chart, across, up)]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'role="img" aria-label="{escape(chart.title)}">'
    )
    return "\n".join([head, f"<style>{_STYLE}</style>", *parts, "</svg>", ""])


class _Axis:
    """Where a value lies between the ends, from 0 to 1."""

    def __init__(self, values: Sequence[float], *, even: bool = False) -> None:
        """Reach over ``values``; if ``even``, from one tick to another."""
        low, high = min(values), max(values)
        if even:
            ticks = [m * 10.0**p for p in range(-3, 10) for m in _MANTISSAS]
            low = max((t for t in ticks if t <= low), default=low)
            high = min((t for t in ticks if t >= high and t > low), default=high)
            self.ticks = [t for t in ticks if low <= t <= high]
            if len(self.ticks) > _MOST_TICKS:
                self.ticks = [t for t in self.ticks if math.log10(t) % 1 in {0.0, 1.0}]
        else:
            self.ticks = sorted(set(values))
        self._low = math.log10(low)
        self._span = max(math.log10(high) - self._low, 1e-9)

    def at(self, value: float) -> float:
        return (math.log10(value) - self._low) / self._span


def _x(share: float) -> float:
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def _y(share: float) -> float:
    return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}"{more}>{escape(text)}</text>'


def _frame(chart: Chart, across: _Axis, up: _Axis) -> Iterator[str]:
    yield _text(_LEFT, 22, chart.title, ' class="title"')
    middle, last = ' text-anchor="middle"', -math.inf
    for value in across.ticks:
        x = _x(across.at(value))
        yield f'<path class="grid" d="M{x} {_y(0)}V{_y(1)}"/>'
        if x - last >= _BESIDE:
            last = x
            yield _text(x, _y(0) + 18, f"{value:g}", middle)
    yield _text(_x(0.5), _HEIGHT - 8, chart.across, middle)
    for value in up.ticks:
        y = _y(up.at(value))
        yield f'<path class="grid" d="M{_x(0)} {y}H{_x(1)}"/>'
        yield _text(_LEFT - 8, y + 4, f"{value:g} {chart.up}", ' text-anchor="end"')


def _lines(chart: Chart, across: _Axis, up: _Axis) -> Iterator[str]:
    ends = {name: _y(up.at(line[-1][1])) for name, line in chart.lines.items()}
    labels = _apart(ends)
    for (name, line), colour in zip(chart.lines.items(), _COLOURS, strict=False):
        places = [(_x(across.at(x)), _y(up.at(y))) for x, y in line]
        path = "L".join(f"{x} {y}" for x, y in places)
        yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for x, y in places:
            yield f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>'
        style = f' style="fill:{colour}"'
        yield _text(_x(1) + 10, labels[name] + 4, name, style)


def _apart(ends: Mapping[str, float]) -> Mapping[str, float]:
    """Return where labels go so that none lies on another."""
    placed: dict[str, float] = {}
    below = -math.inf
    for name, y in sorted(ends.items(), key=lambda end: end[1]):
        below = max(y, below + _LINE)
        placed[name] = round(below, 1)
    return placed
