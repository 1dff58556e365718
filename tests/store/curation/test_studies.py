"""Deciding on the profile of a study: the machine's value stays beside it, and no reading overwrites it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, select

from nlp.article import document_of
from nlp.errors import TransitionError
from store.articles import NotHeldError, current_version
from store.curation.conditions import held
from store.curation.evaluation import evaluate_reviewed
from store.curation.studies import COLUMNS, acts_on, decide_study, missing, profile, undo_study
from store.curation.training import abstracts
from store.people.rights import ForbiddenError, Person, Role
from store.queries import FindingQuery, find
from store.review import ConflictError, decide
from store.tables import FindingFlag, FindingRow, Status, StudyRow
from tests.store.conftest import article, found, reading

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


MDD = {
    "text": "depression",
    "span": (12, 22),
    "concept": {"curie": "MESH:D003866", "name": "Depressive Disorder"},
}


def texts(session: Session) -> list[str]:
    return [one["text"] for one in held(session, PMID)]


def test_conditions_are_words_of_the_abstract_each_with_the_concept_it_had_before(
    session: Session, study: StudyRow, keep: Keep
) -> None:
    keep(article("9900002"), reading(article("9900002"), conditions=(MDD,)))
    say(session, study, conditions=("DEPRESSION", "Dissociation"))
    row = session.exec(select(FindingRow).where(FindingRow.pmid == PMID)).first()
    assert row is not None
    assert row.conditions == "depression\nDepressive Disorder\nMESH:D003866\nDissociation\n\n"
    assert study.machine is not None
    assert study.machine["conditions"] == []
    undo_study(session, PMID, ADA, seen=study.revision)
    assert (texts(session), study.machine) == ([], None)


def test_a_condition_that_is_named_again_stays_where_it_is(
    session: Session, study: StudyRow, keep: Keep
) -> None:
    about = article(
        title="Ketamine in depression: resistant", abstract="Sixty adults had depressions or depression."
    )
    text = f"{about.title}\n{about.abstract[0].text}"
    spans = [
        (text.rindex(words), text.rindex(words) + len(words)) for words in ("resistant\nSixty", "depression")
    ]
    part = (text.index("depressions"), text.index("depressions") + len("depression"))  # no word ends there
    machine = [{"text": text[slice(*span)], "span": span} for span in (*spans, part)]
    keep(about, reading(about, version="2", conditions=machine))
    before = held(session, PMID)
    say(session, study, conditions=("resistant sixty", "depression", "adults"))
    assert [one for one in held(session, PMID) if one["text"] != "adults"] == before
    say(session, study, BEA, conditions=("depression",))
    undo_study(session, PMID, BEA, seen=study.revision)
    assert [one for one in held(session, PMID) if one["text"] != "adults"] == before


def test_decided_conditions_stand_through_readings_and_go_with_a_revision_as_far_as_it_says_them(
    session: Session, study: StudyRow, keep: Keep
) -> None:
    say(session, study, conditions=("depression", "Dissociation"))
    keep(article(), reading(article(), version="2", conditions=(MDD,)))
    assert texts(session) == ["depression", "Dissociation"]
    revised = article(abstract="Sixty adults with depression got ketamine 0.5 mg/kg.", title="Ketamine again")
    keep(revised, reading(revised, version="2"))
    (one,) = held(session, PMID)
    text = current_version(session, PMID).text
    assert (one["text"], text[slice(*one["span"])]) == ("depression", "depression")
    say(session, study, BEA, conditions=("adults",))
    undo_study(session, PMID, BEA, seen=study.revision)
    assert texts(session) == ["depression"]


def test_a_decided_condition_that_a_revision_no_longer_says_is_asked_about_until_someone_decides(
    session: Session, study: StudyRow, keep: Keep
) -> None:
    say(session, study, conditions=("depression", "Dissociation"))
    revised = article(abstract="Sixty adults with depression got ketamine 0.5 mg/kg.", title="Ketamine again")
    dose = found(document_of(revised).text, "dose", "0.5 mg/kg")
    keep(revised, reading(revised, dose, version="2"))
    assert missing(session, study) == ["Dissociation"]
    (flag,) = session.exec(select(FindingFlag).where(FindingFlag.code == "condition_gone"))
    assert "no longer says Dissociation" in flag.reason
    row = session.get_one(FindingRow, flag.finding_id)
    assert (row.attention, row.status == Status.SUPERSEDED) == (True, False)
    say(session, study, BEA)
    assert missing(session, study) == []
    assert not session.exec(select(FindingFlag).where(FindingFlag.code == "condition_gone")).all()
    keep(revised, reading(revised, dose, version="3"))
    assert not session.exec(select(FindingFlag).where(FindingFlag.code == "condition_gone")).all()


def early(session: Session, row: StudyRow, person: Person = ADA, **changes: Any) -> None:
    """Decide as it was kept before conditions could be decided on: no value of the act speaks of them."""
    say(session, row, person, **changes)
    act, machine = acts_on(session, row.pmid)[-1], row.machine or {}
    act.value = {field: act.value[field] for field in COLUMNS}
    act.machine = row.machine = {field: machine[field] for field in COLUMNS}
    session.flush()


def test_conditions_that_an_early_decision_does_not_speak_of_are_the_machines(
    session: Session, study: StudyRow, keep: Keep
) -> None:
    early(session, study, sample_size=60)
    for version, conditions in (("2", (MDD,)), ("3", ()), ("4", (MDD,))):
        seen = study.revision
        keep(article(), reading(article(), version=version, conditions=conditions))
        assert len(texts(session)) == len(conditions)
        assert (study.sample_size, study.revision) == (60, seen + 1)
    say(session, study, BEA, conditions=("Dissociation",))
    keep(article(), reading(article(), version="5", conditions=(MDD,)))
    assert texts(session) == ["Dissociation"]
    undo_study(session, PMID, BEA, seen=study.revision)
    assert (texts(session), study.sample_size) == (["depression"], 60)
    keep(article(), reading(article(), version="6"))
    assert (texts(session), study.sample_size) == ([], 60)
    undo_study(session, PMID, ADA, seen=study.revision)
    assert (study.sample_size, study.machine) == (None, None)


def test_an_early_decision_is_undone_to_an_earlier_one(session: Session, study: StudyRow, keep: Keep) -> None:
    keep(article(), reading(article(), version="2", conditions=(MDD,)))
    early(session, study, sample_size=60)
    early(session, study, BEA, sample_size=61)
    undo_study(session, PMID, BEA, seen=study.revision)
    assert (texts(session), study.sample_size) == (["depression"], 60)


def test_no_condition_counts_as_wrong_by_a_decision_that_speaks_of_none(
    session: Session, study: StudyRow, keep: Keep
) -> None:
    early(session, study, sample_size=60)
    keep(article(), reading(article(), version="2", conditions=(MDD,)))
    known = evaluate_reviewed(session)
    (about,) = (line for line in known.types if line.week is None and line.type == "condition")
    assert (about.precision.of, about.recall.of, known.studies) == (0, 0, 1)


def test_who_decides_on_what_an_earlier_reading_said_is_told(
    session: Session, study: StudyRow, keep: Keep
) -> None:
    say(session, study, design="cohort")
    undo_study(session, PMID, ADA, seen=study.revision)
    seen = study.revision
    keep(article(), reading(article(), version="2", design="case_report"))
    with pytest.raises(ConflictError, match="changed after you opened it"):
        decide_study(session, PMID, ADA, seen=seen, changes={})


def test_the_reader_is_held_against_what_people_say_of_studies(
    session: Session, study: StudyRow, keep: Keep
) -> None:
    keep(article("9900002"), reading(article("9900002"), conditions=(MDD,)))
    say(session, session.get_one(StudyRow, "9900002"), conditions=("depression", "Dissociation"))
    say(session, study, sample_size=60)
    known = evaluate_reviewed(session)
    lines = {line.type: line for line in known.types if line.week is None}
    about = lines["condition"]
    assert (about.precision.right, about.precision.of, about.recall.of) == (1, 1, 2)
    fields = {line.field: (line.equal.right, line.equal.of) for line in known.fields if line.week is None}
    assert fields == {"species": (2, 2), "design": (2, 2), "sample_size": (0, 1), "setting": (2, 2)}
    assert known.studies == 2


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
    with pytest.raises(TransitionError, match="the abstract does not say 'gout'"):
        say(session, study, conditions=("depression", "gout"))
    assert profile(session, study).design == "randomized_trial"


def test_training_data_has_the_decided_profile_and_says_so(session: Session, study: StudyRow) -> None:
    for row in session.exec(select(FindingRow)).all():
        decide(session, row.id, "accept", ADA, seen=row.revision)
    (before,) = abstracts(session)
    assert (before.study_decided, before.study["sample_size"]) == (False, None)
    say(session, study, sample_size=60)
    (after,) = abstracts(session)
    assert (after.study_decided, after.study["sample_size"]) == (True, 60)
