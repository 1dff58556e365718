"""Folding keeps every offset, and reads numbers as they are meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.folding import fold


@given(st.text())
def test_the_folded_text_is_as_long_as_the_original(text):
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("0·5 mg\u2009kg⁻¹", "0.5 mg kg-1"),
        ("5 µg", "5 ug"),
        ("10³ ng", "10^ ng"),
        ("10⁻³ ng", "10^^ ng"),
        ("kg m²", "kg m2"),
        ("p &lt; 0·05", "p <    0.05"),
    ],
)
def test_one_spelling_for_many(text, folded):
    assert fold(text) == folded
