"""What a hostile record could carry, put where people read: titles, quotes, notes, names of concepts, a curator's name."""

from sqlalchemy import Engine, update
from sqlmodel import col, select

from store.database import session_scope
from store.people.rights import Person, Role
from store.review import decide
from store.tables import ArticleRow, FindingFlag, FindingRow, StudyCondition

SCRIPT = "<script>window.hacked = 1</script>"
IMAGE = "<img src=x onerror='window.hacked = 2'>"
QUOTE = "\"'><svg onload=window.hacked=3>"
LINK = "javascript:window.hacked=4"
TEMPLATE = "{{ 7 * 7 }}{% raw %}"
ALL = f"{SCRIPT}{IMAGE}{QUOTE}{LINK}{TEMPLATE}"


def poison(engine: Engine) -> list[str]:
    """Write it into every free text of the invented findings; give the ids of the findings that people see."""
    text = {"concept_name": ALL, "concept_curie": ALL, "instrument_name": ALL, "instrument_curie": f"X:{ALL}"}
    told = {
        "comparator": ALL,
        "timepoint": ALL,
        "condition_name": ALL,
        "quote": f"Dissociation {ALL}",
        "domain": "depression",
    }
    with session_scope(engine) as session:
        session.execute(update(ArticleRow).values(title=ALL, journal=ALL, registry_number=ALL, study=ALL))
        session.execute(update(StudyCondition).values(name=ALL, text=ALL, curie=ALL))
        session.execute(update(FindingFlag).values(reason=ALL))
        session.execute(update(FindingRow).values(**text, **told, study=ALL))
        shown = select(FindingRow).where(col(FindingRow.in_scope)).order_by(col(FindingRow.start))
        rows = session.exec(shown).all()
        name = f"Eve {SCRIPT}"
        decide(session, rows[0].id, "accept", Person(name, Role.CURATOR), seen=rows[0].revision, note=ALL)
        return [row.id for row in rows]
