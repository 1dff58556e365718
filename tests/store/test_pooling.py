"""What a stated rate says, and how rates of several studies are pooled."""

import pytest

from store.pooling import parse_rate, pool, wilson


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("8/47", (8, 47)),
        ("17 of 36", (17, 36)),
        ("17 of the 36 (47%)", (17, 36)),
        ("0 out of 20", (0, 20)),
        ("6% (3/50)", (3, 50)),
    ],
)
def test_events_among_a_number_of_people_are_counts(text: str, counts: tuple[int, int]) -> None:
    rate = parse_rate(text)
    assert (rate.kind, rate.events, rate.total) == ("counts", *counts)


@pytest.mark.parametrize(("text", "share"), [("17%", 0.17), ("31.5 %", 0.315), ("6·3 percent", 0.063)])
def test_a_percentage_hides_its_denominator(text: str, share: float) -> None:
    rate = parse_rate(text)
    assert rate.kind == "share"
    assert rate.share == pytest.approx(share)


@pytest.mark.parametrize(
    "text", [None, "", "130%", "59 patients", "48/47", "8/47 against 3/40", "5% and 9%", "3/0", "frequent"]
)
def test_what_is_neither_is_not_guessed(text: str | None) -> None:
    assert parse_rate(text).kind == "unreadable"


def test_wilson_of_a_textbook_proportion() -> None:
    # Newcombe 1998, Stat Med 17:857, table I: 81 of 263 and 15 of 148 by the score method without correction
    assert wilson(81, 263)[1:] == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(15, 148)[1:] == pytest.approx((0.0624, 0.1605), abs=1e-4)


def test_one_study_keeps_its_wilson_interval() -> None:
    found = pool(((3, 27),))
    assert found.rate == wilson(3, 27)
    assert (found.studies, found.i2) == (1, None)


def test_equal_studies_pool_to_their_rate_without_spread() -> None:
    found = pool(((5, 50), (10, 100), (20, 200)))
    assert found.rate.value == pytest.approx(0.1)
    assert found.i2 == pytest.approx(0, abs=1e-9)
    assert found.rate.low < 0.1 < found.rate.high


def test_studies_that_differ_are_told_by_i2_and_widen_the_interval() -> None:
    alike, differing = pool(((20, 100), (20, 100))), pool(((5, 100), (35, 100)))
    assert differing.i2 is not None
    assert differing.i2 > 0.9
    assert differing.rate.high - differing.rate.low > 2 * (alike.rate.high - alike.rate.low)


def test_no_event_at_all_pools_to_nothing_with_an_upper_bound() -> None:
    found = pool(((0, 10), (0, 20)))
    assert found.rate.value == found.rate.low == 0
    assert 0 < found.rate.high < 0.2


def test_nothing_cannot_be_pooled() -> None:
    with pytest.raises(ValueError, match="no study"):
        pool(())
