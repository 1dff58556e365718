"""Amounts and units, as abstracts write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.components.amounts import find_amounts, normal_unit, number
from nlp.folding import fold


def read(text):
    return [(text[a.start : a.end], a.low, a.high, a.unit) for a in find_amounts(fold(text))]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("0.5 mg/kg", "mg/kg"),
        ("0.5mg/kg", "mg/kg"),
        ("0.5-mg/kg", "mg/kg"),
        ("0.5 mg kg⁻¹", "mg/kg"),
        ("0.5 mg·kg−1·h−1", "mg/kg/h"),
        ("0.5 mg kg(-1) hr(-1)", "mg/kg/h"),
        ("0.5 mg.kg-1.h-1", "mg/kg/h"),
        ("0.5 mg/(kg·h)", "mg/kg/h"),
        ("0.5 mg/(kg-h)", "mg/kg/h"),
        ("0.5 mg/kg per hour", "mg/kg/h"),
        ("5 μg/kg/min", "ug/kg/min"),
        ("5 µg kg−1 min−1", "ug/kg/min"),
        ("5 microg x kg-1 x min-1", "ug/kg/min"),
        ("5 mcg/kg", "ug/kg"),
        ("2 micrograms per kilogram", "ug/kg"),
        ("160 mg/day", "mg/day"),
        ("20 mg/h/70 kg", "mg/h/70kg"),
        ("150 ng/mL", "ng/ml"),
        ("150 ng ml(-1)", "ng/ml"),
        ("5 mu g kg(-1) minute(-1)", "ug/kg/min"),
        ("5 micro g.kg-1", "ug/kg"),
        ("0.1 mg/kg/dose", "mg/kg"),
        ("56 mg", "mg"),
        ("1 g", "g"),
        ("10%", "%"),
    ],
)
def test_unit(text, unit):
    ((whole, _, _, found),) = read(text)
    assert (whole, found) == (text, unit)


@pytest.mark.parametrize(
    ("text", "anchors", "ends"),
    [
        ("28, 56 or 84 mg", ["28", "56", "84 mg"], [(28, 28), (56, 56), (84, 84)]),
        ("56- or 84-mg", ["56", "84-mg"], [(56, 56), (84, 84)]),
        ("0.1, 0.2, and 1.0 mg/kg", ["0.1", "0.2", "1.0 mg/kg"], [(0.1, 0.1), (0.2, 0.2), (1, 1)]),
        ("0.1-0.5 mg/kg", ["0.1-0.5 mg/kg"], [(0.1, 0.5)]),
        ("0.5 to 0.75 mg/kg", ["0.5 to 0.75 mg/kg"], [(0.5, 0.75)]),
        ("between 0.1 and 0.5 mg/kg", ["0.1 and 0.5 mg/kg"], [(0.1, 0.5)]),
        ("from 5 mg to 10 mg", ["5 mg to 10 mg"], [(5, 10)]),
        ("from 5 mg (per 70 kg) to 10 mg", ["5 mg (per 70 kg) to 10 mg"], [(5, 10)]),
        ("5 mg/h titrated to 10 mg/h", ["5 mg/h titrated to 10 mg/h"], [(5, 10)]),
        ("nothing in group 1, 50 mg in group 2", ["50 mg"], [(50, 50)]),
        ("days 22-24 - 250 mg", ["250 mg"], [(250, 250)]),
        ("15 but not 7.5 mg/kg", ["15", "7.5 mg/kg"], [(15, 15), (7.5, 7.5)]),
        ("2-3 mg/kg or 4-5 mg/kg", ["2-3 mg/kg", "4-5 mg/kg"], [(2, 3), (4, 5)]),
        ("22.2 ± 2.0 mg", ["22.2 ± 2.0 mg"], [(22.2, 22.2)]),
        ("0·5\u2009mg/kg", ["0·5\u2009mg/kg"], [(0.5, 0.5)]),
        ("(1.0 mg/kg)", ["1.0 mg/kg"], [(1, 1)]),
        ("1,000 mg", ["1,000 mg"], [(1000, 1000)]),
        (".5 mg/kg", [".5 mg/kg"], [(0.5, 0.5)]),
        ("95% CI, p = 0.03, 40 min, day 7", [], []),
        ("the mg/kg dose", [], []),
    ],
)
def test_lists_and_ranges(text, anchors, ends):
    assert [(anchor, (low, high)) for anchor, low, high, _ in read(text)] == list(
        zip(anchors, ends, strict=True)
    )


@pytest.mark.parametrize(
    ("text", "value"), [("0.5", 0.5), ("0,5", 0.5), ("1,500", 1500), (".25", 0.25), ("0,125", 0.125)]
)
def test_number(text, value):
    assert number(text) == value


def test_what_is_no_unit_stays():
    assert normal_unit("zz") == "zz"


@given(st.text(alphabet="0123456789.,-–/ mgkµu·()%±to", max_size=80))
def test_offsets_lie_in_the_text(text):
    for amount in find_amounts(fold(text)):
        assert 0 <= amount.start < amount.end <= len(text)
        assert text[amount.start : amount.end].strip() == text[amount.start : amount.end]
