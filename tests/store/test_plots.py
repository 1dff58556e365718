"""A plot is SVG by matplotlib: the same each time, told apart without colour, and safe in any words."""

from xml.etree import ElementTree

import pytest

from store.plots import draw
from store.questions.answer import Plot, Point

ODD = "<script>$x_ & $\\frac</script>"


def plot(kind: str, **fields: object) -> Plot:
    points = (
        Point(
            row=ODD,
            column="4–24 h",
            series="better",
            studies=3,
            participants=90,
            value=0.4,
            low=0.2,
            high=0.6,
        ),
        Point(row="MADRS", column="4–24 h", series="worse", studies=1, value=0.1, low=0.0, high=0.3),
    )
    shown = {
        "title": f"T {ODD}",
        "across": "Time",
        "alt": "Words.",
        "rows": (ODD, "MADRS"),
        "columns": ("4–24 h",),
    }
    return Plot.model_validate({"kind": kind, "points": points, **shown, **fields})


@pytest.mark.parametrize("kind", ["bubbles", "intervals", "bars"])
def test_a_plot_is_well_formed_and_the_same_each_time(kind: str) -> None:
    drawn = draw(plot(kind))
    words = [text for element in ElementTree.fromstring(drawn).iter() for text in [element.text] if text]
    assert ODD in words
    assert {"better", "worse"} <= set(words)
    assert "not medical advice" in " ".join(words)
    assert drawn == draw(plot(kind))


@pytest.mark.parametrize("kind", ["bubbles", "intervals", "bars"])
def test_a_plot_of_nothing_says_so(kind: str) -> None:
    assert "No finding to show" in draw(plot(kind, points=(), rows=(), columns=()))
