"""What a revision changed is shown word by word."""

from hypothesis import given
from hypothesis import strategies as st

from store.web.difference import NEAR, difference


def test_equal_texts_have_no_difference() -> None:
    assert difference("Ketamine.", "Ketamine.") == []


def test_a_corrected_figure_is_gone_and_new() -> None:
    changes = difference("Nausea in 8 of 30.", "Nausea in 9 of 30.")
    assert [(c.kind, c.words.strip()) for c in changes] == [
        ("same", "Nausea in"),
        ("gone", "8"),
        ("new", "9"),
        ("same", "of 30."),
    ]


def test_words_far_from_a_change_are_left_out() -> None:
    far = " ".join(f"w{number}" for number in range(100))
    first, gone, new, last = difference(f"{far} old {far}", f"{far} new {far}")
    assert (gone.words, new.words) == ("old ", "new ")
    assert first.words.startswith("… ")
    assert last.words.endswith("… ")
    assert len(first.words.split()) == len(last.words.split()) == NEAR + 1


@given(st.text(max_size=80), st.text(max_size=80))
def test_gone_and_new_words_are_those_of_the_texts(old: str, new: str) -> None:
    for change in difference(old, new):
        if change.kind != "same":
            assert change.words in (old if change.kind == "gone" else new)
