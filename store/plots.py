"""Draw plots as SVG with matplotlib, which is imported when the first one is drawn."""

import io
from collections.abc import Sequence
from functools import lru_cache
from textwrap import shorten
from threading import Lock
from typing import Any

from store.export import NOTICE
from store.questions.answer import Plot, Point

MARKS = {
    "better": ("#1b7837", "^"),
    "outcome better": ("#1b7837", "^"),
    "no difference": ("#5f6670", "o"),
    "worse": ("#a5361b", "v"),
    "a serious adverse event": ("#a5361b", "v"),
    "seen": ("#a5361b", "o"),
    "said not to occur": ("#1b7837", "s"),
    "mixed": ("#7a4fa3", "D"),
    "several": ("#7a4fa3", "D"),
    "for": ("#1b7837", "^"),
    "against": ("#a5361b", "v"),
    "neither": ("#5f6670", "o"),
}
"""Series → colour and shape: told apart without colour, too."""

OTHERS = (("#0b5a68", "o"), ("#8a6100", "s"), ("#1f4f8f", "D"), ("#5f6670", "P"))
INK, SOFT, GRID = "#1d2125", "#565d64", "#dedbd3"
WIDE, ROW = 9.0, 0.5
"""Inches: the width of a plot, and the height of one of its rows."""

_drawing = Lock()  # matplotlib's state is global; a plot takes a fraction of a second


def draw(plot: Plot) -> str:
    """Draw a plot as SVG; the same plot gives the same text."""
    with _drawing:
        figure_class = _matplotlib()
        figure = figure_class(figsize=(WIDE, 1.9 + ROW * max(len(plot.rows), 1)), layout="constrained")
        axes = figure.add_subplot()
        _DRAWERS[plot.kind](axes, plot)
        _dress(figure, axes, plot)
        out = io.StringIO()
        figure.savefig(
            out, format="svg", metadata={"Date": None, "Title": plot.title, "Description": plot.alt}
        )
        return out.getvalue()


@lru_cache(maxsize=1)
def _matplotlib() -> Any:
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.rcParams.update(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "ketmine",
            "text.parse_math": False,  # a `$` in a name is a dollar
            "font.family": ["DejaVu Sans"],
            "font.size": 10,
            "text.color": INK,
            "axes.edgecolor": GRID,
            "axes.labelcolor": SOFT,
            "xtick.color": SOFT,
            "ytick.color": INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.spines.left": False,
        }
    )
    return Figure


def _dress(figure: Any, axes: Any, plot: Plot) -> None:
    figure.suptitle(plot.title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    axes.set_xlabel(plot.across)
    axes.set_yticks(range(len(plot.rows)), [shorten(row, 44, placeholder=" …") for row in plot.rows])
    axes.set_ylim(max(len(plot.rows), 1) - 0.5, -0.5)
    axes.tick_params(length=0)
    axes.set_axisbelow(True)
    axes.grid(color=GRID, linewidth=0.6)
    if not plot.points:
        axes.set_xticks([])
        axes.text(
            0.5, 0.5, "No finding to show", transform=axes.transAxes, ha="center", va="center", color=SOFT
        )
    handles, labels = axes.get_legend_handles_labels()
    once = dict(zip(labels, handles, strict=True))
    if len(once) > 1:
        axes.legend(
            once.values(),
            once,
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=min(len(once), 5),
            frameon=False,
            fontsize=9,
        )
    figure.supxlabel(NOTICE, x=0.01, ha="left", fontsize=7.5, color=SOFT)


def _mark(series: str, all_series: Sequence[str]) -> tuple[str, str]:
    others = [name for name in all_series if name not in MARKS]
    return MARKS.get(series) or OTHERS[others.index(series) % len(OTHERS)]


def _series(plot: Plot) -> list[str]:
    """Name the series in the order of the columns where they are those, else as they come."""
    held = dict.fromkeys(point.series for point in plot.points)
    known = [name for name in (*MARKS, *held) if name in held]
    return list(dict.fromkeys([name for name in plot.columns if name in held] or known))


def _bubbles(axes: Any, plot: Plot) -> None:
    """Put a mark in each cell of a grid for each series; its area is the participants, the figure the studies."""
    from matplotlib.lines import Line2D

    series, columns, rows = _series(plot), list(plot.columns), list(plot.rows)
    largest = max((point.participants for point in plot.points), default=0) or 1
    cells: dict[tuple[str, str], list[Point]] = {}
    for point in plot.points:
        if point.row in rows and point.column in columns:
            cells.setdefault((point.row, point.column), []).append(point)
    for (row, column), points in cells.items():
        for at, point in enumerate(points):
            x = columns.index(column) + (at - (len(points) - 1) / 2) * min(0.3, 0.84 / len(points))
            colour, shape = _mark(point.series, series)
            area = 24 + 330 * point.participants / largest
            y = rows.index(row)
            axes.scatter([x], [y - 0.08], s=area, color=colour, marker=shape, alpha=0.85, linewidths=0)
            axes.annotate(
                str(point.studies), (x, y + 0.43), ha="center", va="bottom", fontsize=7.5, color=INK
            )
    for name in series:
        colour, shape = _mark(name, series)
        axes.add_line(Line2D([], [], color=colour, marker=shape, linestyle="", markersize=7, label=name))
    axes.set_xlim(-0.6, max(len(columns), 1) - 0.4)
    axes.set_xticks(range(len(columns)), [_broken(column) for column in columns])
    axes.set_xlabel(plot.across)


def _broken(words: str) -> str:
    """Break a long label in two."""
    first, space, rest = words.partition(" ")
    return f"{first}\n{rest}" if space and len(words) > 9 else words


def _intervals(axes: Any, plot: Plot) -> None:
    """Draw a share with its interval; several series of a row stand one below the other."""
    series, rows = _series(plot), list(plot.rows)
    for point in plot.points:
        at = series.index(point.series)
        y = rows.index(point.row) + (at - (len(series) - 1) / 2) * 0.3
        colour, shape = _mark(point.series, series) if point.series else ("#0b5a68", "s")
        value, low, high = point.value or 0.0, point.low or 0.0, point.high or 0.0
        axes.plot([low, high], [y, y], color=colour, linewidth=1.6, solid_capstyle="butt")
        axes.plot(
            [value], [y], color=colour, marker=shape, linestyle="", markersize=7, label=point.series or "_"
        )
        axes.annotate(
            _of(point), (1.01, y), xycoords=("axes fraction", "data"), va="center", fontsize=8, color=INK
        )
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"])


def _of(point: Point) -> str:
    studies = f"{point.studies} stud{'y' if point.studies == 1 else 'ies'}"
    people = f", {point.participants:,} people" if point.participants else ""
    return f"{point.value:.0%}  {studies}{people}"


def _bars(axes: Any, plot: Plot) -> None:
    """Draw counts as bars, the series of a row end to end."""
    series, rows = _series(plot), list(plot.rows)
    ends = dict.fromkeys(rows, 0)
    for name in series:
        colour, _ = _mark(name, series)
        for point in (point for point in plot.points if point.series == name and point.studies):
            y = rows.index(point.row)
            axes.barh(
                [y],
                [point.studies],
                left=[ends[point.row]],
                height=0.6,
                color=colour,
                edgecolor="white",
                label=name,
            )
            axes.annotate(str(point.studies), (ends[point.row] + point.studies / 2, y), ha="center", va="center",
                          fontsize=8, color="white")  # fmt: skip
            ends[point.row] += point.studies
    axes.locator_params(axis="x", integer=True)


_DRAWERS = {"bubbles": _bubbles, "intervals": _intervals, "bars": _bars}
