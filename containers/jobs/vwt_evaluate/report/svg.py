"""Draws charts as inline SVG. Colours come from the page's style, so that they follow its light or dark scheme."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from ..values import Floats

_WIDTH, _HEIGHT = 440, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 24, 12, 46
# More points than pixels only make the page larger.
_MOST_POINTS = 240
_TICKS = 5


@dataclass(frozen=True)
class Axis:
    """One axis; it begins at `low` and ends at `high`."""

    label: str
    low: float
    high: float
    is_share: bool = False

    def ticks(self) -> list[float]:
        """Returns about five round values within the axis."""
        span = self.high - self.low
        rough = span / _TICKS
        magnitude = 10.0 ** math.floor(math.log10(rough))
        step = magnitude * next(factor for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= rough * 0.8)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [index * step for index in range(first, last + 1)]

    def text(self, value: float) -> str:
        """Formats a tick."""
        return f"{value:.4g}" if not self.is_share else f"{value * 100:.3g} %"


@dataclass(frozen=True)
class Series:
    """A curve, points or bars to draw.

    Attributes:
        name: The series' name in the legend.
        style: The page's class: `candidate`, `champion`, `baseline`, `other`.
        x: Shape (points,).
        y: Shape (points,).
        kind: `line`, `dots` (a line with dots), `area` (filled down to the axis).
    """

    name: str
    style: str
    x: Floats
    y: Floats
    kind: str = "line"


def steps(edges: Floats, heights: Floats) -> tuple[Floats, Floats]:
    """Returns the outline of a histogram's bars.

    Args:
        edges: Shape (bars + 1,).
        heights: Shape (bars,).

    Returns:
        The points of the outline, from axis to axis.
    """
    return np.repeat(edges, 2), np.concatenate(([0.0], np.repeat(heights, 2), [0.0]))


def chart(title: str, description: str, x: Axis, y: Axis, series: Sequence[Series], *, diagonal: bool = False) -> str:
    """Draws a chart as a figure, with a legend below.

    Args:
        title: Above it.
        description: The content of the chart in words, for those who do not see it.
        x: The horizontal axis.
        y: The vertical axis.
        series: Drawn in this order, so the first lies below.
        diagonal: Whether to draw the line of equal shares.
    """
    canvas = _Canvas(x, y)
    body = canvas.axes()
    if diagonal:
        ends = np.array([max(x.low, y.low), min(x.high, y.high)])
        body.append(f'<path class="diagonal" d="{canvas.path(ends, ends)}"/>')
    for each in series:
        body.extend(canvas.draw(each))
    legend = "".join(f'<li class="{each.style}">{escape(each.name)}</li>' for each in reversed(series))
    return (
        f'<figure><h3>{escape(title)}</h3><svg role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(body)}</svg>"
        f'<ul class="legend">{legend}</ul><figcaption>{escape(description)}</figcaption></figure>'
    )


class _Canvas:
    def __init__(self, x: Axis, y: Axis) -> None:
        self._x, self._y = x, y

    def _left(self, value: float) -> float:
        return _LEFT + (value - self._x.low) / (self._x.high - self._x.low) * (_WIDTH - _LEFT - _RIGHT)

    def _top(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - (value - self._y.low) / (self._y.high - self._y.low) * (_HEIGHT - _TOP - _BOTTOM)

    def path(self, x: Floats, y: Floats) -> str:
        """Draws a path through points whose x ascend; of very many, some, spread evenly along curve and axis."""
        chosen = np.arange(len(x))
        if len(x) > _MOST_POINTS:
            along_curve = np.linspace(0, len(x) - 1, _MOST_POINTS // 2).round().astype(int)
            along_axis = np.searchsorted(x, np.linspace(x[0], x[-1], _MOST_POINTS // 2))
            chosen = np.unique(np.concatenate((along_curve, along_axis)))
        points = (f"{self._left(float(x[i])):.1f} {self._top(float(y[i])):.1f}" for i in chosen)
        return "M" + "L".join(points)

    def draw(self, series: Series) -> list[str]:
        path = self.path(series.x, series.y)
        if series.kind == "area":
            return [f'<path class="{series.style} area" d="{path}Z"/>']
        drawn = [f'<path class="{series.style}" d="{path}"/>']
        if series.kind == "dots":
            drawn += [
                f'<circle class="{series.style}" cx="{self._left(float(x)):.1f}" cy="{self._top(float(y)):.1f}" r="3"/>'
                for x, y in zip(series.x, series.y, strict=True)
            ]
        return drawn

    def axes(self) -> list[str]:
        """Draws grid, ticks and labels."""
        bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
        parts = []
        for value in self._x.ticks():
            at = f"{self._left(value):.1f}"
            parts.append(f'<path class="grid" d="M{at} {_TOP}V{bottom}"/>')
            parts.append(f'<text x="{at}" y="{bottom + 16}" text-anchor="middle">{self._x.text(value)}</text>')
        for value in self._y.ticks():
            at = f"{self._top(value):.1f}"
            parts.append(f'<path class="grid" d="M{_LEFT} {at}H{right}"/>')
            parts.append(f'<text x="{_LEFT - 6}" y="{at}" dy=".35em" text-anchor="end">{self._y.text(value)}</text>')
        middle_x, middle_y = (_LEFT + right) / 2, (_TOP + bottom) / 2
        parts.append(
            f'<text class="label" x="{middle_x}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(self._x.label)}</text>'
        )
        parts.append(
            f'<text class="label" transform="translate(13 {middle_y}) rotate(-90)" text-anchor="middle">'
            f"{escape(self._y.label)}</text>"
        )
        return parts
