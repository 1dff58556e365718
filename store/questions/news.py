"""What is new since a date."""

from store.questions.answer import Cell, Line, Part, Plot, Point, table
from store.questions.effects import LISTED
from store.questions.evidence import Evidence, Row
from store.questions.votes import by, ids, studies

TYPES = {"dose": "doses", "outcome": "outcomes", "adverse_event": "adverse events"}


def news(evidence: Evidence) -> Part:
    """Tell the findings first read since a date, counted by drug and listed by article."""
    articles = sorted(
        by(evidence.rows, lambda row: str(row.pmid)).items(),
        key=lambda pair: (-(pair[1][0].year or 0), pair[0]),
    )
    drugs = by(evidence.rows, lambda row: str(row.drug))
    heads = {"year": "Year", "pmid": "PMID", "design": "Design", "participants": "Participants", **_words()}
    lines = [
        Line(key=f"articles/{pmid}", cells=_cells(rows), findings=ids(rows))
        for pmid, rows in articles[:LISTED]
    ]
    counts = dict.fromkeys(("participants", *TYPES), "count")
    note = (
        f"The first {LISTED} of {len(articles):,} articles, the newest first."
        if len(articles) > LISTED
        else ""
    )
    family = [
        Line(
            key=f"drugs/{drug}",
            cells={"drug": drug, "studies": len(studies(rows)), **_counted(rows)},
            findings=ids(rows),
        )
        for drug, rows in sorted(drugs.items(), key=lambda pair: -len(pair[1]))
    ]
    points = tuple(
        Point(row=str(line.cells["drug"]), series=words, studies=int(line.cells[kind] or 0))
        for line in family
        for kind, words in TYPES.items()
    )
    return Part(
        says=(f"{len(evidence.rows):,} findings of {len(articles):,} articles were first read since then.",),
        tables=(
            table("drugs", "By drug", {"drug": "Drug", "studies": "Studies", **_words()}, family, counts | {"studies": "count"}),
            table("articles", "By article", heads, lines, counts, note),
        ),
        plot=Plot(
            kind="bars", title="New findings, by drug and type", across="Findings",
            alt="; ".join(f"{p.row}: {p.studies} {p.series}" for p in points) or "Nothing is new.",
            rows=tuple(str(line.cells["drug"]) for line in family), columns=tuple(TYPES.values()), points=points,
        ),
        method="Counted by the day on which a finding was first read into this store, not by publication.",
    )  # fmt: skip


def _words() -> dict[str, str]:
    return {kind: words.capitalize() for kind, words in TYPES.items()}


def _counted(rows: list[Row]) -> dict[str, int]:
    return {kind: sum(row.type == kind for row in rows) for kind in TYPES}


def _cells(rows: list[Row]) -> dict[str, Cell]:
    first = rows[0]
    design = (first.design or "other").replace("_", " ")
    return {
        "year": first.year,
        "pmid": first.pmid,
        "design": design,
        "participants": first.sample_size,
        **_counted(rows),
    }
