"""Pointers read a field from the share on from which they are right more often than the rules."""

import pytest

from nlp.components.pointed import NEVER
from nlp.training.pointed_fit import Reading, fitted

SURE_AND_RIGHT = [Reading(ruled=False, pointed=True, share=0.9, abstract=i) for i in range(10)]
FAINT_AND_WRONG = [Reading(ruled=True, pointed=False, share=0.3, abstract=i) for i in range(10)]


def test_the_share_parts_right_from_wrong() -> None:
    field = fitted(SURE_AND_RIGHT + FAINT_AND_WRONG)
    assert 0.3 < field.least <= 0.9
    assert (field.ruled, field.pointed, field.both) == pytest.approx((0.5, 0.5, 1.0))


def test_pointers_that_are_never_right_alone_are_never_heard() -> None:
    assert fitted(FAINT_AND_WRONG).least == NEVER


def test_a_share_that_gains_nothing_is_not_taken() -> None:
    assert fitted([reading._replace(ruled=True) for reading in SURE_AND_RIGHT]).least == NEVER
