"""The accept lane, calibration and fields as tables, on invented findings."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import fields, lane, reliability
from benchmarks.held_out import write
from nlp.training.cross_validation import Judged


def doses(chance: float, rights: int, wrongs: int, *, flagged: bool = False) -> list[Judged]:
    """Findings of one chance, dealt to the ten folds in turn."""
    verdicts = [True] * rights + [False] * wrongs
    return [Judged("dose", chance, right, flagged, i % 10) for i, right in enumerate(verdicts)]


@pytest.mark.parametrize(
    ("found", "threshold"),
    [
        ([*doses(0.9, 20, 0), *doses(0.5, 0, 10)], 0.9),
        ([*doses(0.9, 20, 0), *doses(0.5, 10, 0)], 0.5),
        ([*doses(0.9, 19, 1), *doses(0.8, 20, 0)], 0.8),  # enough at the lower chance
        ([*doses(0.9, 5, 5)], None),
        (
            [*doses(0.9, 20, 0), *doses(0.9, 0, 9, flagged=True)],
            0.9,
        ),  # what is flagged goes to a person anyway
        ([], None),
    ],
)
def test_the_lane_begins_at_the_lowest_chance_from_which_enough_is_right(
    found: list[Judged], threshold: float | None
) -> None:
    assert lane.lane("dose", found, 0.97).threshold == threshold


def test_a_threshold_is_measured_on_what_it_was_not_chosen_on() -> None:
    """One wrong dose of 50 is too many for the nine folds that hold it, not for the tenth, where it is then accepted."""
    found = [*doses(0.9, 50, 0), *doses(0.6, 50, 0), Judged("dose", 0.6, False, False, 0)]
    measured = lane.lane("dose", found, 0.995)
    assert measured.threshold == 0.9
    assert measured.accepted == 50 + 6
    assert measured.precision
    assert measured.precision.value == 55 / 56


def test_the_tables_say_share_precision_and_bound() -> None:
    lanes = [lane.lane("dose", [*doses(0.9, 99, 1), *doses(0.4, 0, 100)], 0.97)]
    assert (
        lane.lane_table(lanes)
        .splitlines()[-1]
        .startswith("| dose | 0.97 | 0.900 | 0.500 (100 of 200) | 0.990 | 0.94")
    )
    assert lane.lane_rows(lanes).splitlines()[-1].startswith("dose\t0.900\t0.97\t200\t100\t0.9900\t0.94")
    closed = [lane.lane("dose", doses(0.9, 1, 9), 0.97)]
    assert "| none | 0.000 (0 of 10) | – | – |" in lane.lane_table(closed)
    assert lane.lane_rows(closed).splitlines()[-1].startswith("type\t")


def test_the_plot_has_a_panel_for_each_type_and_is_the_same_twice() -> None:
    found = [
        *doses(0.95, 95, 5),
        *doses(0.45, 4, 6),
        *(one._replace(type="outcome") for one in doses(0.75, 3, 1)),
    ]
    assert "| dose | 110 | 0.900 | 0.005 |" in reliability.error_table(found, ("dose", "outcome"))
    drawn = reliability.draw(found, ("dose", "outcome"))
    assert drawn.startswith("<?xml")
    assert "doses" in drawn
    assert "calibration error 0.005" in drawn
    assert drawn == reliability.draw(found, ("dose", "outcome"))


def test_a_field_is_counted_over_abstracts() -> None:
    read = SimpleNamespace(model_dump=lambda mode: {"findings": []})
    score = SimpleNamespace(count=lambda record, predicted: ({"dose": record}, []))
    counts = fields.count(
        [({"route": (2, 3)}, read), ({"route": (1, 1), "infusion": (0, 1)}, read)], ("dose",), score
    )
    assert counts == {("dose", "route"): (3, 4), ("dose", "infusion"): (0, 1), ("dose", "schedule"): (0, 0)}
    assert "| dose | route | 3 | 4 | 0.750 [" in fields.table(counts)
    assert "| dose | schedule | 0 | 0 | – |" in fields.table(counts)


def test_tables_stand_between_their_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- lane -->\nold\n<!-- /lane -->\n<!-- curve -->\nold\n<!-- /curve -->\n")
    write({"lane": "new"}, {page: ("lane", "curve")})
    assert page.read_text() == "<!-- lane -->\nnew\n<!-- /lane -->\n<!-- curve -->\nold\n<!-- /curve -->\n"
