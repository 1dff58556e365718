"""Markup becomes plain text that means the same."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from flows.pubmed.markup import text_of

M = 'xmlns:mml="http://www.w3.org/1998/Math/MathML"'

CASES = {
    "10<sup>3</sup> cells": "10³ cells",
    "0.5 mg kg<sup>-1</sup> h<sup>-1</sup>": "0.5 mg kg⁻¹ h⁻¹",
    "CO<sub>2</sub> and V<sub>max</sub>": "CO₂ and Vₘₐₓ",
    "a<sup>†</sup> and b<sup>12*</sup>": "a† and b^(12*)",
    "Spravato<sup>®</sup> and Ketalar<sup>TM</sup>": "Spravato® and Ketalar™",
    "Fmr1<sup>-/-</sup> and Ca<sup>2+</sup> and CD4<sup>+</sup>": "Fmr1-/- and Ca²⁺ and CD4⁺",
    "5-HT<sub>2A</sub>, GABA<sub>A</sub>, PM<sub>2.5</sub>": "5-HT2A, GABAA, PM_2.5",
    "AUC<sub>0-∞</sub> and C<sub>∞</sub>": "AUC_(0-∞) and C_∞",
    "(<i>2R</i>,<b>6R</b>)-HNK, <u>n</u> = 7": "(2R,6R)-HNK, n = 7",
    "<b>p<sub>adj</sub></b> &lt; 0.05 &amp; more": "padj < 0.05 & more",
    "one\n   two\t three": "one two three",
    "0.5\u2009mg and 20\u00a0%": "0.5\u2009mg and 20\u00a0%",
    "a<!-- a comment --> b": "a b",
    f"<mml:math {M}><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math>": "x²",
    f"<mml:math {M}><mml:mfrac><mml:mn>1</mml:mn><mml:mrow><mml:mi>n</mml:mi><mml:mo>+</mml:mo><mml:mn>1</mml:mn>"
    "</mml:mrow></mml:mfrac></mml:math>": "1/(n+1)",
    f"<mml:math {M}><mml:msqrt><mml:mn>2</mml:mn></mml:msqrt></mml:math>": "√2",
    f"<mml:math {M}><mml:msubsup><mml:mi>T</mml:mi><mml:mn>1</mml:mn><mml:mn>2</mml:mn></mml:msubsup></mml:math>": "T₁²",
    f"<mml:math {M}><mml:munderover><mml:mo>∑</mml:mo><mml:mi>i</mml:mi><mml:mi>n</mml:mi></mml:munderover>"
    "<mml:mspace/><mml:mfenced><mml:mi>a</mml:mi><mml:mi>b</mml:mi></mml:mfenced></mml:math>": "∑ᵢⁿ (a, b)",
    "": "",
}


@pytest.mark.parametrize(("markup", "text"), CASES.items())
def test_markup_is_rendered(markup: str, text: str) -> None:
    assert text_of(etree.fromstring(f"<AbstractText>{markup}</AbstractText>")) == text


@pytest.mark.parametrize("name", ["b", "msup", "mrow"])
def test_markup_that_nests_is_rendered_in_the_time_of_its_length(name: str) -> None:
    nested = etree.fromstring(f"<AbstractText>{f'<{name}>' * 200}a{f'</{name}>' * 200}</AbstractText>")
    before = time.process_time()
    assert text_of(nested) == "a"
    assert time.process_time() - before < 1


def test_nothing_renders_as_nothing() -> None:
    assert text_of(None) == ""


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
def test_text_without_markup_keeps_every_character_but_runs_of_spaces(text: str) -> None:
    element = etree.Element("AbstractText")
    element.text = text
    assert text_of(element).replace(" ", "") == text.replace(" ", "")
