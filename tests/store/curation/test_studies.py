"""Deciding on the profile of a study: the machine's value stays beside it, and no reading overwrites it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, select

from nlp.errors import TransitionError
from store.articles import NotHeldError
from store.curation.studies import acts_on, decide_study, profile, undo_study
from store.curation.training import abstracts
from store.people.rights import ForbiddenError, Person, Role
from store.queries import FindingQuery, find
from store.review import ConflictError, decide
from store.tables import FindingRow, StudyRow
from tests.store.conftest import article, reading

Keep = Callable[..., Any]
PMID = "9900001"
ADA, BEA = Person("Ada", Role.CURATOR), Person("Bea", Role.CURATOR)
CEM, RITA = Person("Cem", Role.ADJUDICATOR), Person("Rita", Role.READER)


@pytest.fixture
def study(session: Session, keep: Keep) -> StudyRow:
    """Give a study that the machine takes for a randomised trial of people."""
    keep(article())
    return session.get_one(StudyRow, PMID)


def say(session: Session, row: StudyRow, person: Person = ADA, **changes: Any) -> StudyRow:
    """Decide as someone who sees the study as it is."""
    return decide_study(session, row.pmid, person, seen=row.revision, changes=changes)


def test_a_correction_stands_beside_what_the_machine_read_and_findings_repeat_it(
    session: Session, study: StudyRow
) -> None:
    say(session, study, design="cohort", sample_size=60)
    assert (study.design, study.sample_size, study.species) == ("cohort", 60, "human")
    assert study.machine is not None
    assert (study.machine["design"], study.machine["sample_size"]) == ("randomized_trial", None)
    designs = {item.finding.design for item in find(session, FindingQuery()).items}
    assert designs == {"cohort"}
    (act,) = acts_on(session, PMID)
    assert (act.curator, act.action, act.revision, act.value["design"]) == ("Ada", "correct", 1, "cohort")


def test_a_new_reading_leaves_what_a_person_decided(session: Session, study: StudyRow, keep: Keep) -> None:
    say(session, study, species="animal")
    keep(article(), reading(article(), version="2", design="case_report"))
    assert (study.species, study.design) == ("animal", "randomized_trial")
    assert study.machine is not None
    assert (study.machine["species"], study.machine["design"]) == ("human", "case_report")
    undo_study(session, PMID, ADA, seen=study.revision)
    assert (study.species, study.design, study.machine) == ("human", "case_report", None)
    keep(article(), reading(article(), version="3", design="cohort"))
    assert study.design == "cohort"  # nobody decided any more


def test_undo_goes_back_one_act_and_takes_an_adjudicator_for_anothers(
    session: Session, study: StudyRow
) -> None:
    say(session, study, blinding="double_blind")
    say(session, study, BEA)  # it is right as it stands
    with pytest.raises(ForbiddenError, match="adjudicator"):
        undo_study(session, PMID, ADA, seen=study.revision)
    undo_study(session, PMID, CEM, seen=study.revision)
    assert study.blinding == "double_blind"
    undo_study(session, PMID, ADA, seen=study.revision)
    assert (study.blinding, study.machine) == (None, None)
    with pytest.raises(TransitionError, match="no decision on the study"):
        undo_study(session, PMID, ADA, seen=study.revision)
    assert [act.action for act in acts_on(session, PMID)] == ["correct", "confirm", "undo", "undo"]


def test_what_cannot_be_is_refused_and_nothing_kept(session: Session, study: StudyRow) -> None:
    with pytest.raises(ForbiddenError, match="it takes a curator"):
        say(session, study, RITA)
    with pytest.raises(ConflictError, match="changed after you opened it"):
        decide_study(session, PMID, ADA, seen=9, changes={})
    with pytest.raises(TransitionError, match="species"):
        say(session, study, species="unicorn")
    with pytest.raises(NotHeldError, match="No study of PMID 1 "):
        decide_study(session, "1", ADA, seen=1, changes={})
    assert acts_on(session, PMID) == []
    assert profile(study).design == "randomized_trial"


def test_training_data_has_the_decided_profile_and_says_so(session: Session, study: StudyRow) -> None:
    for row in session.exec(select(FindingRow)).all():
        decide(session, row.id, "accept", ADA, seen=row.revision)
    (before,) = abstracts(session)
    assert (before.study_decided, before.study["sample_size"]) == (False, None)
    say(session, study, sample_size=60)
    (after,) = abstracts(session)
    assert (after.study_decided, after.study["sample_size"]) == (True, 60)
