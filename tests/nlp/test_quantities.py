"""Units and times as abstracts write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.quantities import hours, minutes, ucum


@pytest.mark.parametrize(
    ("unit", "code"),
    [
        ("mg/kg", "mg/kg"),
        ("mg/kg/h", "mg/kg/h"),
        ("ug/kg/min", "ug/kg/min"),
        ("ng/ml", "ng/mL"),
        ("mg/day", "mg/d"),
        ("mg/h/70kg", "mg/h/(70.kg)"),
    ],
)
def test_units_have_ucum_codes(unit: str, code: str) -> None:
    assert ucum(unit) == code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24 h", 24),
        ("24-hour", 24),
        ("90 minutes", 1.5),
        ("Day 7", 168),
        ("POD1", 24),
        ("postoperative day 2", 48),
        ("3rd post-operative day", 72),
        ("two weeks", 336),
        ("Twenty-four hours after the infusion", 24),
        ("an hour", 1),
        ("week 4", 672),
        ("6 months", 4383),
        ("One year after surgery", 8766),
        ("within one week", 168),
        ("24 h after the third infusion", 24),
        ("the day after infusion", 24),
        ("the following day", 24),
    ],
)
def test_one_time_has_its_hours(text: str, expected: float) -> None:
    assert hours(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "24 and 72 h",
        "2–4 h",
        "days 3, 5 and 7",
        "first and third day",
        "40 min to day 7",
        ">30 min",
        "more than one year",
        "after six infusions",
        "follow-up",
        "T2",
        "12",
        "",
    ],
)
def test_several_times_a_bound_and_an_occasion_have_none(text: str) -> None:
    assert hours(text) is None


def test_minutes_of_an_infusion() -> None:
    assert minutes("forty minutes") == 40
    assert minutes("until the end of surgery") is None


@given(st.text(max_size=60))
def test_any_text_is_answered(text: str) -> None:
    found = hours(text)
    assert found is None or found >= 0
