"""What a curator has typed and not yet sent, under /api/v1/drafts: the pages keep it there as it is typed."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from nlp.article import Record
from store.curation.drafts import drafts, forget_draft, keep_draft
from store.web.access import MOST_FIELDS, Curator, Reader, Writer
from store.web.openapi import WRITE_PROBLEMS
from store.web.posted import LONGEST_NOTE
from store.web.problems import Problem

router = APIRouter(prefix="/api/v1", tags=["desk"], responses=WRITE_PROBLEMS)

Key = Annotated[str, Path(pattern=r"^[\w-]{1,120}$", description="The form, and what it was drawn from.")]
Name = Annotated[str, Field(max_length=40)]
Typed = Annotated[str, Field(max_length=LONGEST_NOTE)]


class Draft(Record):
    """The fields of a form as they stand."""

    fields: Annotated[dict[Name, Typed], Field(max_length=MOST_FIELDS)]


@router.put("/drafts/{key}", status_code=204)
def keep(session: Writer, key: Key, asked: Draft, person: Curator) -> None:
    """Keep what the asker has typed so far; without fields, forget it."""
    keep_draft(session, person.name, key, asked.fields)


@router.get("/drafts/{key}")
def read(session: Reader, key: Key, person: Curator) -> Draft:
    """Give what the asker had typed."""
    held = drafts(session, person.name, [key])
    if key not in held:
        raise Problem(404, "You have typed nothing there.")
    return Draft(fields=held[key])


@router.delete("/drafts/{key}", status_code=204)
def forget(session: Writer, key: Key, person: Curator) -> None:
    """Forget what the asker had typed."""
    forget_draft(session, person.name, key)
