"""The points of the study profile: of a mention, by pairs in its abstract; of a condition, by its best mention."""

from nlp.components.conditions import points_of
from nlp.training.fit_study_points import Group, condition_points


def test_points_tell_the_right_mention_and_the_condition_studied():
    studied = Group(0, {"in-title": 1.0}, [{"as-whole": 1.0}, {"as-short": 1.0}], [True, False])
    named = Group(1, {"in-results": 1.0}, [{"as-short": 1.0}], [False])
    points = condition_points([studied, named] * 20)
    assert points_of({"as-whole": 1.0}, points) > points_of({"as-short": 1.0}, points)
    assert points["bias"] + points["in-title"] > 0 > points["bias"] + points["in-results"]


def test_what_names_a_class_counts_for_the_class():
    whole = Group(0, {"in-title": 1.0}, [{"as-whole": 1.0}], [True])
    short = Group(1, {"in-title": 1.0}, [{"as-short": 1.0}], [False])
    points = condition_points(
        [whole, short, Group(2, {}, [{"as-whole": 1.0}, {"as-short": 1.0}], [True, False])] * 20
    )
    assert points["named-as-whole"] > 0 > points["named-as-short"]
