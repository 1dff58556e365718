"""Who may do what, as truth tables: the allowed acts work, the others say why not."""

from itertools import pairwise

import pytest
from sqlmodel import Session

from store.people.rights import RIGHTS, ForbiddenError, Person, Right, Role, check_right, lacks, why_not
from store.review import allowed, decide, history
from store.tables import FindingRow, Status
from store.transitions import TRANSITIONS, Action
from tests.store.test_review import EXTRA, at_status
from tests.store.test_review import finding as finding

YES = None
LOW = "it takes a curator to decide on findings"
JUDGE = "it takes an adjudicator to decide where two curators disagreed"
OWN = "You decided on this finding yourself"

ACTS = [act for act in Action if act is not Action.UNDO]
OPEN = [status for status in Status if status is not Status.NEEDS_ADJUDICATION]


@pytest.mark.parametrize("action", ACTS)
@pytest.mark.parametrize(
    ("role", "status", "own", "answer"),
    [
        *((Role.READER, status, own, LOW) for status in OPEN for own in (False, True)),
        *((role, status, own, YES) for role in list(Role)[1:] for status in OPEN for own in (False, True)),
        (Role.READER, Status.NEEDS_ADJUDICATION, False, JUDGE),
        (Role.READER, Status.NEEDS_ADJUDICATION, True, JUDGE),
        (Role.CURATOR, Status.NEEDS_ADJUDICATION, False, JUDGE),
        (Role.CURATOR, Status.NEEDS_ADJUDICATION, True, JUDGE),
        (Role.ADJUDICATOR, Status.NEEDS_ADJUDICATION, False, YES),
        (Role.ADJUDICATOR, Status.NEEDS_ADJUDICATION, True, OWN),
        (Role.ADMIN, Status.NEEDS_ADJUDICATION, False, YES),
        (Role.ADMIN, Status.NEEDS_ADJUDICATION, True, OWN),
    ],
)
def test_a_decision_takes_the_role_that_its_status_asks_for(
    role: Role, status: Status, own: bool, answer: str | None, action: Action
) -> None:
    given = why_not(Person("Ada", role), action, status, own=own)
    assert given is None if answer is None else answer in (given or "")


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize(
    ("role", "own", "may"),
    [
        *((Role.READER, own, False) for own in (False, True)),
        (Role.CURATOR, True, True),
        (Role.CURATOR, False, False),
        *((role, own, True) for role in (Role.ADJUDICATOR, Role.ADMIN) for own in (False, True)),
    ],
)
def test_anyone_who_decides_takes_back_their_own_and_an_adjudicator_others(
    role: Role, own: bool, may: bool, status: Status
) -> None:
    assert (why_not(Person("Ada", role), "undo", status, own=own) is None) == may


@pytest.mark.parametrize("action", ACTS)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("status", Status)
def test_the_store_keeps_exactly_what_the_tables_allow(
    session: Session, finding: FindingRow, status: Status, role: Role, action: Action
) -> None:
    row = at_status(session, finding, status)
    asking = Person("Bea", role)
    before = history(session, row.id)
    may = why_not(asking, action, status) is None and action in TRANSITIONS[status]
    assert (action in allowed(session, row, asking)) == may
    given = {"seen": row.revision, **EXTRA.get(action, {})}
    if may:
        decide(session, row.id, action, asking, **given)
        assert row.status == TRANSITIONS[status][action]
        assert history(session, row.id)[-1].curator == "Bea"
    else:
        with pytest.raises(Exception, match=r"Your role is|cannot be") as refused:
            decide(session, row.id, action, asking, **given)
        assert len(str(refused.value)) > 20
        assert row.status == status
        assert history(session, row.id) == before


def test_nobody_adjudicates_what_they_decided_themselves(session: Session, finding: FindingRow) -> None:
    both = [Person("Ada", Role.ADJUDICATOR), Person("Bea", Role.ADMIN)]
    decide(session, finding.id, "accept", both[0], seen=1)
    decide(session, finding.id, "correct", both[1], seen=2, changes={"rate": "9 of 30"})
    finding.status = Status.NEEDS_ADJUDICATION
    for person in both:
        assert set(allowed(session, finding, person)) == {Action.UNDO}
        with pytest.raises(ForbiddenError, match=OWN):
            decide(session, finding.id, "accept", person, seen=3)
    decide(session, finding.id, "accept", Person("Cid", Role.ADJUDICATOR), seen=3)
    assert finding.status == Status.ACCEPTED


def test_a_curator_takes_back_only_their_own_decision(session: Session, finding: FindingRow) -> None:
    ada, bea = Person("Ada", Role.CURATOR), Person("Bea", Role.CURATOR)
    decide(session, finding.id, "accept", ada, seen=1)
    assert Action.UNDO in allowed(session, finding, ada)
    assert Action.UNDO not in allowed(session, finding, bea)
    with pytest.raises(ForbiddenError, match="undo what others decided"):
        decide(session, finding.id, "undo", bea, seen=2)
    decide(session, finding.id, "undo", ada, seen=2)
    assert finding.status == Status.PENDING


def test_each_role_may_do_what_the_one_before_it_may() -> None:
    ladder = [RIGHTS[role] for role in Role]
    assert all(low < high for low, high in pairwise(ladder))
    assert ladder[-1] == frozenset(Right)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("scope", Right)
def test_a_token_does_what_both_its_scopes_and_the_role_allow(role: Role, scope: Right) -> None:
    person = Person("Ada", role, frozenset({scope}))
    for right in Right:
        refusal = lacks(person, right)
        assert (refusal is None) == (right == scope and right in RIGHTS[role])
        if refusal and right in RIGHTS[role]:
            assert f"no scope '{right.value}'" in refusal


def test_who_is_not_logged_in_is_told_to() -> None:
    with pytest.raises(ForbiddenError, match="Log in to decide on findings"):
        check_right(None, Right.REVIEW)
    check_right(Person("Ada", Role.CURATOR), Right.REVIEW)
