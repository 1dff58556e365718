"""What is typed and not yet sent."""

from datetime import timedelta

from sqlmodel import Session

from store.curation import drafts
from store.curation.tables import Draft
from store.database import now


def test_the_last_word_typed_is_kept_for_its_curator(session: Session) -> None:
    for typed in ("d", "day", "day 1"):
        drafts.keep_draft(session, "Ada", "x-1-correct", {"timepoint": typed})
    assert drafts.drafts(session, "Ada", ["x-1-correct", "x-1-reject"]) == {
        "x-1-correct": {"timepoint": "day 1"}
    }
    assert drafts.drafts(session, "Bea", ["x-1-correct"]) == {}
    drafts.keep_draft(session, "Ada", "x-1-correct", {})
    assert drafts.drafts(session, "Ada", ["x-1-correct"]) == {}


def test_what_nobody_touched_for_a_month_is_forgotten(session: Session) -> None:
    drafts.keep_draft(session, "Ada", "old", {"note": "a"})
    session.get_one(Draft, ("Ada", "old")).saved_at = now() - drafts.LONGEST - timedelta(minutes=1)
    session.flush()
    drafts.keep_draft(session, "Ada", "new", {"note": "b"})
    assert set(drafts.drafts(session, "Ada", ["old", "new"])) == {"new"}
