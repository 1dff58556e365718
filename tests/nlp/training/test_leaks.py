"""What measures must not have trained. The sentences are invented."""

import pytest

from nlp.training.leaks import leaks

ONE = "Forty adults with severe depression received ketamine or midazolam in random order."
TWO = "Depression scores had fallen by half on the following morning in the ketamine group."


@pytest.mark.parametrize(
    ("trained", "found"),
    [
        ([f"{ONE} {TWO}"], {"a": 2}),
        ([ONE, TWO], {"a": 2}),
        ([ONE.upper().replace(" ", "  "), TWO], {"a": 2}),
        ([ONE], {}),
        (["Ketamine reduced pain."], {}),
    ],
)
def test_an_abstract_leaks_that_shares_two_long_sentences(trained: list[str], found: dict[str, int]) -> None:
    measured = [{"id": "a", "text": f"Title\n{ONE} {TWO}"}, {"id": "b", "text": "Ketamine reduced pain."}]
    assert leaks(measured, trained) == found
