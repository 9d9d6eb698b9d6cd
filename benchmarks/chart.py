"""Lines on two logarithmic axes, as SVG that reads on light and on dark pages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
import math
from typing import Final

type Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 150, 40, 48
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # Okabe and Ito
_LINE: Final = 15  # between labels
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
    up = _Axis([y for line in chart.lines.values() for _, y in line], whole=True)
    parts = [*_frame(chart, across, up), *_lines(chart, across, up)]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'role="img" aria-label="{escape(chart.title)}">'
    )
    return "\n".join([head, f"<style>{_STYLE}</style>", *parts, "</svg>", ""])


class _Axis:
    """Where a value lies between the ends, from 0 to 1."""

    def __init__(self, values: Sequence[float], *, whole: bool = False) -> None:
        """Reach over ``values``; if ``whole``, from one power of ten to another."""
        self.values = sorted(set(values))
        low, high = math.log10(self.values[0]), math.log10(self.values[-1])
        if whole:
            low, high = math.floor(low), math.ceil(high)
        self.low, self.span = low, max(high - low, 1e-9)

    def at(self, value: float) -> float:
        return (math.log10(value) - self.low) / self.span

    def decades(self) -> list[float]:
        first, last = math.ceil(self.low - 1e-9), self.low + self.span
        return [10.0**power for power in range(first, math.floor(last + 1e-9) + 1)]


def _x(share: float) -> float:
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def _y(share: float) -> float:
    return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}"{more}>{escape(text)}</text>'


def _frame(chart: Chart, across: _Axis, up: _Axis) -> Iterator[str]:
    yield _text(_LEFT, 22, chart.title, ' class="title"')
    middle = ' text-anchor="middle"'
    for value in across.values:
        x = _x(across.at(value))
        yield f'<path class="grid" d="M{x} {_y(0)}V{_y(1)}"/>'
        yield _text(x, _y(0) + 18, f"{value:g}", middle)
    yield _text(_x(0.5), _HEIGHT - 8, chart.across, middle)
    for value in up.decades():
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
