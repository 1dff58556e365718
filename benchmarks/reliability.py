"""Calibration: what was said of findings against how many of them are right, by type, as a table and as a plot in SVG."""

import io
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from nlp.training.cross_validation import Judged
from nlp.training.fit_confidence import calibration
from store.pooling import wilson

INK, SOFT, GRID, MARK = "#1d2125", "#565d64", "#dedbd3", "#0b5a68"
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ketmine",
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": GRID,
    "axes.labelcolor": SOFT,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def arrays(found: Sequence[Judged], kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Give the chances of a type's findings, and which are right."""
    of_kind = [one for one in found if one.type == kind]
    return np.array([one.chance for one in of_kind]), np.array([one.right for one in of_kind])


def error_table(found: Sequence[Judged], kinds: Sequence[str]) -> str:
    """Give the expected calibration error of each type in Markdown."""
    rows = ["| type | findings | right | expected calibration error |", "|---|---|---|---|"]
    for kind in kinds:
        chances, rights = arrays(found, kind)
        rows.append(
            f"| {kind.replace('_', ' ')} | {len(rights)} | {rights.mean():.3f} | {calibration(chances, rights)[0]:.3f} |"
        )
    return "\n".join(rows)


def draw(found: Sequence[Judged], kinds: Sequence[str]) -> str:
    """Draw a panel for each type: ten bins, Wilson's intervals, how many below."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(3.2 * len(kinds), 3.6), layout="constrained")
        for axes, kind in zip(np.atleast_1d(figure.subplots(1, len(kinds))), kinds, strict=True):
            error, rows = calibration(*arrays(found, kind))
            axes.plot([0, 1], [0, 1], color=SOFT, linewidth=0.8, linestyle="--")
            for count, said, share in rows:
                interval = wilson(round(share * count), count)
                axes.plot([said, said], [interval.low, interval.high], color=MARK, linewidth=1.2)
                axes.plot([said], [share], color=MARK, marker="o", markersize=5)
                axes.annotate(str(count), (said, 0.01), ha="center", fontsize=7.5, color=SOFT)
            axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share right at the core")
            axes.set_aspect("equal")
            axes.set_axisbelow(True)
            axes.grid(color=GRID, linewidth=0.6)
            axes.set_title(f"{kind.replace('_', ' ')}s\ncalibration error {error:.3f}", fontsize=10)
        out = io.StringIO()
        title = "Reliability of the default pipeline's confidence, by type of finding"
        figure.savefig(out, format="svg", metadata={"Date": None, "Title": title})
    return out.getvalue()
