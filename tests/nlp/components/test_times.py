"""When something was measured, as results state it; every sentence is invented."""

import pytest

from nlp.components.times import timepoints
from nlp.folding import fold


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("at 24 h after infusion", ["24 h"]),
        ("on day 7", ["day 7"]),
        ("at weeks 2 and 4", ["weeks 2"]),
        ("within 2 hours", ["2 hours"]),
        ("at the 6-month follow-up", ["6-month follow-up"]),
        ("on postoperative day 2", ["postoperative day 2"]),
        ("at the end of treatment", ["end of treatment"]),
        ("aged 65 years", []),
        ("infused over 40 minutes", []),
        ("a 12-week trial", []),
        ("at 24 h post-infusion", ["24 h"]),
        ("on days 1, 3 and 7", ["days 1"]),
        ("at the treatment endpoint", ["treatment endpoint"]),
        ("at the end of her treatments", ["end of her treatments"]),
        ("two hours and thirty-six hours later", ["two hours"]),
        ("after the first infusion", ["after the first infusion"]),
        ("after six ketamine infusions", ["after six ketamine infusions"]),
        ("on the first postoperative day", ["first postoperative day"]),
        ("lower at T2 than at T1", ["t2", "t1"]),
        ("pain during surgery", ["during surgery"]),
        ("fell immediately after the infusion", ["immediately after the infusion"]),
        ("recovery took 13.4 ± 2.1 min", []),
        ("shortened the stay by 3.7 days", []),
        ("time to relapse was 18 days (95% CI 12 to 20)", []),
        ("follow-up analyses showed less of it", []),
        ("after discharge", ["discharge"]),
        ("drugs used post-discharge", []),
    ],
)
def test_timepoints(sentence: str, expected: list[str]) -> None:
    assert [q.text for q in timepoints(fold(sentence))] == expected
