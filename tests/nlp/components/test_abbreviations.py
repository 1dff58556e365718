"""Short forms where they stand as words of their own, and their long forms."""

import re

import pytest

from nlp.components.abbreviations import bracketed, occurrences


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("MDD, (MDD) MDDs aMDD MDD_1 MDD-like éMDD MDD", "MDD"),
        ("aaa aa aaaa", "aa"),
        ("S+K S+K+ S+K", "S+K"),
        ("(a)(a) (a", "(a"),
        ("", "MDD"),
    ],
)
def test_a_short_form_is_found_as_by_an_expression(text, short):
    found = [(each.start, each.end) for each in occurrences(text, {short: (0, 1)})]
    assert found == [m.span() for m in re.finditer(rf"(?<!\w){re.escape(short)}(?!\w)", text)]


def test_the_innermost_short_brackets_are_found(rules):
    doc = rules.make_doc("depression (MDD) and (of (two) kinds) and ) and ( and nothing")
    assert [doc[start:end].text for _, start, end in bracketed(doc)] == ["MDD", "two"]
    assert list(bracketed(rules.make_doc(""))) == []


def test_short_forms_are_read_with_their_long_forms(annotated):
    doc = annotated("Ketamine in MDD.\nMajor depressive disorder (MDD) is common; MDD may return.")
    assert {doc.text[each.long_start : each.long_end] for each in doc._.short_forms} == {
        "Major depressive disorder"
    }
    assert len(doc._.short_forms) == 3
