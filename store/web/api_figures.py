"""The desk's figures for programs, and what is learned from decisions: JSON under /api/v1/desk."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import Field

from nlp.article import Record
from store.curation import queue
from store.curation.agreement import Agreement, agreement
from store.curation.evaluation import Evaluation, evaluate_reviewed
from store.curation.lane import WANTED, refit, thresholds
from store.curation.numbers import LaneRecord, Numbers, lane_records, numbers
from store.curation.outlook import Outlook, outlook
from store.curation.training import abstracts
from store.database import session_scope
from store.transitions import OPINIONS, REASONS
from store.web.access import Admin, Curator, Reader
from store.web.openapi import WRITE_PROBLEMS

router = APIRouter(prefix="/api/v1", tags=["desk"], responses=WRITE_PROBLEMS)


class RefitIn(Record):
    """The precision at the core that a lane is opened for; `begin` takes measured thresholds where decisions are too few."""

    precision: Annotated[float, Field(ge=0.5, le=1)] = WANTED
    begin: bool = False


@router.post("/desk/lanes")
def refit_lanes(request: Request, asked: RefitIn, person: Admin) -> tuple[LaneRecord, ...]:
    """Fit the accept lane's thresholds to the decisions, and draw the next audit."""
    with session_scope(request.app.state.engine) as session:
        refit(session, asked.precision, begin=asked.begin)
        return lane_records(session)


@router.get("/desk/training.jsonl")
def training(request: Request, person: Curator) -> StreamingResponse:
    """Give settled abstracts in the gold format, a line each; `split` says on which side of the split it is."""
    engine = request.app.state.engine

    def lines() -> Iterator[str]:
        with session_scope(engine, writes=False) as session:
            yield from (f"{one.model_dump_json()}\n" for one in abstracts(session))

    return StreamingResponse(lines(), media_type="application/x-ndjson")


@router.get("/desk/numbers")
def at_a_glance(session: Reader, person: Curator) -> Numbers:
    """Give the numbers at a glance."""
    return numbers(session)


@router.get("/desk/agreement")
def how_two_agree(session: Reader, person: Curator) -> Agreement:
    """Give the agreement of blind pairs by field, type and pair."""
    return agreement(session)


@router.get("/desk/reading")
def how_well_it_reads(session: Reader, person: Curator) -> Evaluation:
    """Give the live extractor against what people settled."""
    return evaluate_reviewed(session)


@router.get("/desk/yield")
def what_comes_next(session: Reader, person: Curator) -> Outlook:
    """Give what the next fifty reviews would bring."""
    return outlook(session)


@router.get("/desk/rules")
def rules(session: Reader) -> dict[str, Any]:
    """Give the vocabularies of the desk: reasons to reject and to skip, acts of a blind pair, thresholds."""
    return {
        "reject": REASONS,
        "skip": queue.SKIPS,
        "blind": [act.value for act in OPINIONS],
        "accept_at": dict(thresholds(session)),
    }
