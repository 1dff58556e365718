"""Our tokenizer cuts as scispaCy's does, whatever it has seen before."""

import warnings
from string import ascii_letters

import pytest
import spacy

from nlp.components.tokenizer import BoundedTokenizer

TEXT = (
    "Ketamine (0.5 mg/kg i.v.) vs. placebo: dose-dependent (e.g. S-ketamine) effects, cannot don't I'm cant "
    "10mg 5kg 20% p<0.05, [95%CI 1.2-3.4] treatment-resistant-depression well--known U.S. Dr. Fig. 3A "
    "IL-6/TNF-α μg·kg⁻¹ 100µg http://clinicaltrials.gov/x NCT01234567. a.m. :-) ... end.Next a–b 1D. 'quoted' "
    '"both" MADRS; US$5 €3 5°C. he/she 3+ §4 O2. it’s patients’ 12,5 one,two A×B x=5 H3g'
)
WORDS = TEXT.split()


@pytest.fixture(scope="module")
def theirs():
    """Give scispaCy's tokenizer as it comes."""
    from scispacy.custom_tokenizer import combined_rule_tokenizer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return combined_rule_tokenizer(spacy.blank("en"))


def cut(tokenizer, text: str) -> list[tuple[str, str]]:
    """Give a text's tokens, each with the blank after it."""
    return [(token.text, token.whitespace_) for token in tokenizer(text)]


@pytest.mark.parametrize(
    "text", [" ".join(WORDS), "  ".join(reversed(WORDS)), "\n".join(WORDS), "", " \n", *WORDS]
)
def test_tokens_are_those_of_scispacy(rules, theirs, text):
    assert cut(rules.tokenizer, text) == cut(theirs, text)
    assert cut(rules.tokenizer, text) == cut(theirs, text)  # now from what is kept


def test_words_of_letters_are_cut_by_no_rule(theirs):
    pairs = [(one, other) for one in ascii_letters for other in ascii_letters]
    for word in [one + hyphen + other for hyphen in ("", "-") for one, other in pairs]:
        assert not (
            theirs.prefix_search(word) or theirs.suffix_search(word) or list(theirs.infix_finditer(word))
        )


def test_a_run_is_learnt_though_an_exception_stands_before_it(rules):
    spacys, runs = rules.tokenizer.tokenizer, []
    tokenizer, finds = BoundedTokenizer(spacys), spacys.infix_finditer
    spacys.infix_finditer = lambda run: runs.append(run) or finds(run)  # asked for what is cut anew
    try:
        tokenizer("i.v. (zyx9zyx8zyx7)")
        assert [run for run in runs if "zyx" in run]
        runs.clear()
        tokenizer("i.v. (zyx9zyx8zyx7)")
    finally:
        spacys.infix_finditer = finds
    assert runs == []


def test_a_long_run_is_cut_without_loss(rules):
    text = f"Ketamine {'x(' * 200} and placebo"
    assert rules.tokenizer(text).text == text
