"""Links from results to doses follow what curators make of the doses, and come back when that is undone."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlmodel import Session, select

from nlp.article import document_of
from nlp.errors import TransitionError
from nlp.finding import Reading
from store.articles import current_version
from store.curation.edit import merge, split
from store.links import SPLIT, chosen
from store.people.rights import Person, Role
from store.review import decide
from store.tables import FindingDose, FindingFlag, FindingRow, Status
from tests.store.conftest import article, found, reading

Keep = Callable[..., Any]
ADA = Person("Ada", Role.CURATOR)
OF = article(abstract="Adults were given ketamine 0.5 mg/kg or 1 mg/kg, that is 0.5 mg. Nausea occurred.")


def read(version: str = "1") -> Reading:
    text = document_of(OF).text
    doses = [found(text, "dose", words) for words in ("0.5 mg/kg", "1 mg/kg")]
    event = found(text, "adverse_event", "Nausea", doses=(doses[0].id,))
    return reading(OF, *doses, event, version=version)


def rows(session: Session) -> dict[str, FindingRow]:
    return {row.anchor: row for row in session.exec(select(FindingRow))}


def linked(session: Session) -> set[str]:
    """Give the words of the doses that the adverse event is linked to."""
    names = {row.id: row.anchor for row in session.exec(select(FindingRow))}
    return {names[link.dose_id] for link in session.exec(select(FindingDose))}


def merged(session: Session, keep: Keep) -> FindingRow:
    keep(OF, read())
    gone, stays = rows(session)["0.5 mg/kg"], rows(session)["1 mg/kg"]
    return merge(session, gone.id, stays.id, ADA, seen=gone.revision)


def parted(session: Session, keep: Keep) -> FindingRow:
    keep(OF, read())
    dose, text = rows(session)["0.5 mg/kg"], current_version(session, OF.pmid).text
    spans = [(start := text.index(words), start + len(words)) for words in ("0.5 mg/kg", "0.5 mg.")]
    return split(session, dose.id, ADA, spans, seen=dose.revision)[1]


def test_links_follow_a_merge_and_come_back_when_it_is_undone(session: Session, keep: Keep) -> None:
    gone = merged(session, keep)
    assert linked(session) == {"1 mg/kg"}
    decide(session, gone.id, "undo", ADA, seen=gone.revision)
    assert linked(session) == {"0.5 mg/kg"}


def test_links_come_back_to_a_dose_that_is_accepted_after_its_merge(session: Session, keep: Keep) -> None:
    gone = merged(session, keep)
    decide(session, gone.id, "accept", ADA, seen=gone.revision)
    assert linked(session) == {"0.5 mg/kg"}


def test_a_new_reading_does_not_link_to_a_dose_that_was_merged_away(session: Session, keep: Keep) -> None:
    gone = merged(session, keep)
    keep(OF, read("2"))
    assert linked(session) == {"1 mg/kg"}
    decide(session, gone.id, "undo", ADA, seen=gone.revision)
    assert linked(session) == {"0.5 mg/kg"}


def test_an_upgrade_mends_the_links_of_doses_that_were_merged_before(session: Session, keep: Keep) -> None:
    gone = merged(session, keep)
    link = session.exec(select(FindingDose)).one()
    link.dose_id = gone.id  # as stores had it before 0014
    session.flush()
    upgrade = import_module("store.migrations.versions.0014_links_follow_merged_doses").upgrade
    with Operations.context(MigrationContext.configure(session.connection())):
        upgrade()
    session.expire_all()
    assert linked(session) == {"1 mg/kg"}


def test_what_is_linked_to_a_split_dose_is_flagged_until_the_split_is_undone(
    session: Session, keep: Keep
) -> None:
    part = parted(session, keep)
    rows_ = rows(session)
    event, dose = rows_["Nausea"], rows_["0.5 mg/kg"]
    flag = session.get(FindingFlag, (event.id, "dose_split", "store"))
    assert flag is not None
    assert (event.flagged, "choose which one applies" in flag.reason) == (True, True)
    decide(session, dose.id, "undo", ADA, seen=dose.revision)
    assert session.get(FindingFlag, (event.id, "dose_split", "store")) is None
    assert (event.flagged, part.status, dose.status) == (False, Status.SUPERSEDED, Status.PENDING)


def test_a_split_is_not_undone_once_a_part_was_decided_on(session: Session, keep: Keep) -> None:
    part = parted(session, keep)
    dose = rows(session)["0.5 mg/kg"]
    decide(session, part.id, "confirm", ADA, seen=part.revision)
    with pytest.raises(TransitionError, match="was decided on since the split"):
        decide(session, dose.id, "undo", ADA, seen=dose.revision)
    assert (dose.status, part.status) == (Status.CORRECTED, Status.ACCEPTED)


@pytest.mark.parametrize(("act", "waits"), [("accept", True), ("reject", False)])
def test_a_decided_result_of_a_split_dose_waits_again_if_it_holds(
    session: Session, keep: Keep, act: str, waits: bool
) -> None:
    keep(OF, read())
    event = rows(session)["Nausea"]
    decide(session, event.id, act, ADA, seen=event.revision, reason="not_said")
    parted(session, keep)
    assert (event.flagged, event.attention) == (True, waits)


def chosen_for(session: Session, *words: str) -> FindingRow:
    """Let a curator say which doses the adverse event belongs to, by their words."""
    event = rows(session)["Nausea"]
    wanted = chosen(session, event, [rows(session)[one].id for one in words])
    return decide(session, event.id, "correct", ADA, seen=event.revision, changes=wanted)


def flags_of(session: Session) -> list[str]:
    return [flag.code for flag in session.exec(select(FindingFlag))]


def test_a_curator_chooses_the_doses_of_a_result_and_undo_brings_the_links_back(
    session: Session, keep: Keep
) -> None:
    keep(OF, read())
    event = chosen_for(session, "1 mg/kg", "0.5 mg/kg")
    assert linked(session) == {"0.5 mg/kg", "1 mg/kg"}
    assert event.decided is not None
    assert event.decided["doses"] == [rows(session)[words].id for words in ("0.5 mg/kg", "1 mg/kg")]
    assert event.record["doses"] == [rows(session)["0.5 mg/kg"].id], "what the machine read is kept"
    keep(OF, read(version="2"))
    assert linked(session) == {"0.5 mg/kg", "1 mg/kg"}, "a new reading leaves what was chosen"
    decide(session, event.id, "undo", ADA, seen=event.revision)
    assert linked(session) == {"0.5 mg/kg"}


def test_a_result_may_belong_to_no_dose(session: Session, keep: Keep) -> None:
    keep(OF, read())
    chosen_for(session)
    assert linked(session) == set()


def test_a_dose_that_does_not_stand_is_refused_with_those_that_do(session: Session, keep: Keep) -> None:
    gone = merged(session, keep)
    event, stays = rows(session)["Nausea"], rows(session)["1 mg/kg"]
    for wrong in (gone.id, event.id, "none"):
        with pytest.raises(TransitionError, match=stays.id):
            decide(session, event.id, "correct", ADA, seen=event.revision, changes={"doses": (wrong,)})
    assert linked(session) == {"1 mg/kg"}


def test_choosing_ends_the_doubt_of_a_split_dose_and_undoing_the_choice_raises_it_again(
    session: Session, keep: Keep
) -> None:
    part = parted(session, keep)
    assert flags_of(session) == [SPLIT]
    event = chosen_for(session, part.anchor)
    assert linked(session) == {part.anchor}
    assert flags_of(session) == []
    assert not event.attention
    decide(session, event.id, "undo", ADA, seen=event.revision)
    assert linked(session) == {"0.5 mg/kg"}
    assert flags_of(session) == [SPLIT]
    assert event.attention


def test_to_accept_a_result_is_to_agree_with_its_dose(session: Session, keep: Keep) -> None:
    parted(session, keep)
    event = rows(session)["Nausea"]
    decide(session, event.id, "accept", ADA, seen=event.revision)
    assert linked(session) == {"0.5 mg/kg"}
    assert flags_of(session) == []


def test_what_a_later_reading_links_to_a_split_dose_is_asked_about_too(session: Session, keep: Keep) -> None:
    parted(session, keep)
    text = document_of(OF).text
    doses = [found(text, "dose", words) for words in ("0.5 mg/kg", "1 mg/kg")]
    event = found(text, "adverse_event", "Nausea", doses=(doses[0].id,))
    late = found(text, "outcome", "Adults", doses=(doses[0].id,))
    keep(OF, reading(OF, *doses, event, late, version="2"))
    asked = session.exec(select(FindingFlag.finding_id).where(FindingFlag.code == SPLIT)).all()
    assert {session.get_one(FindingRow, key).anchor for key in asked} == {"Nausea", "Adults"}


@pytest.mark.parametrize("undone", ["the split", "the part"])
def test_what_belongs_to_a_part_that_is_taken_back_belongs_to_the_whole(
    session: Session, keep: Keep, undone: str
) -> None:
    part = parted(session, keep)
    event = chosen_for(session, part.anchor)
    assert linked(session) == {part.anchor}
    row = part if undone == "the part" else rows(session)["0.5 mg/kg"]
    decide(session, row.id, "undo", ADA, seen=row.revision)
    assert (part.status, linked(session)) == (Status.SUPERSEDED, {"0.5 mg/kg"})
    assert (event.status, flags_of(session)) == (Status.CORRECTED, []), "what was decided stands"


def test_the_parts_of_a_split_result_belong_to_its_doses(session: Session, keep: Keep) -> None:
    keep(OF, read())
    event, text = rows(session)["Nausea"], current_version(session, OF.pmid).text
    spans = [(start := text.index(words), start + len(words)) for words in ("Nausea", "occurred")]
    made = split(session, event.id, ADA, spans, seen=event.revision)
    links = {(link.finding_id, link.dose_id) for link in session.exec(select(FindingDose))}
    assert links == {(one.id, rows(session)["0.5 mg/kg"].id) for one in made}
