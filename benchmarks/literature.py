"""An invented literature of any size, from a seed: the tables of a store, row by row, with texts that the findings point at.

Frequencies fall off as in the real one: a few scales, events and words are everywhere, most are rare. More of it is about people
in psychiatric use (about half) than in PubMed, so that questions have more to count.
"""

import csv
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from store.columns import columns
from store.companions import title_key

Rows = Iterator[tuple[str, dict[str, Any]]]
"""Name of a table, and a row of it; what a row refers to comes before it."""

RESOURCES = Path(__file__).parents[1] / "nlp" / "resources"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SYLLABLES = [a + b for a in "bcdfghjklmnprstvwxz" for b in "aeiou"]
EVENTS = [
    *("dissociation", "nausea", "headache", "dizziness", "sedation", "hypertension", "vomiting", "anxiety"),
    *("hallucination", "confusion", "suicidal ideation", "drug abuse", "cystitis"),
]
ROUTES = ("intravenous", "intranasal", "oral", "intramuscular", "subcutaneous", "sublingual")
AGAINST = (
    "placebo",
    "midazolam",
    "saline",
    "baseline",
    "ECT",
    "esketamine",
    "usual care",
    "propofol",
    None,
    None,
)
HOURS = (2, 4, 24, 24, 24, 48, 72, 168, 168, 336, 672, 2016, 4380)
DESIGNS = (
    *("randomized_trial", "randomized_trial", "cohort", "case_report", "cross_sectional"),
    *("nonrandomized_trial", "case_control", "review", "systematic_review", "other"),
)
BLINDINGS = ("double_blind", "open_label", "single_blind", None, None, None)
SETTINGS = ("psychiatric",) * 7 + ("perioperative", "pain", "other")


class Vocabulary(NamedTuple):
    """What abstracts are made of; the first of each is the most frequent."""

    words: list[str]
    events: list[str]
    instruments: list[tuple[str, str, str]]
    conditions: list[str]


def vocabulary(random: Random) -> Vocabulary:
    """Make words up, and take scales from the table of instruments: (code, name, domain)."""
    words = sorted({"".join(random.choices(SYLLABLES, k=random.randint(2, 4))) for _ in range(6000)})
    random.shuffle(words)
    with (RESOURCES / "instruments.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
        scales = [(row["code"], row["name"], row["domain"]) for row in rows]
    events = [
        *EVENTS,
        "suicidal ideation",
        "drug abuse",
        "cystitis",
        *(f"{word} pain" for word in words[:300]),
    ]
    conditions = [
        "Depressive Disorder",
        "Bipolar Disorder",
        *(f"{word.title()} Disorder" for word in words[300:400]),
    ]
    return Vocabulary(words, events, scales, conditions)


def often(random: Random, of: Sequence[Any]) -> Any:
    """Choose one, the first far oftener than the last."""
    return of[int(len(of) * random.random() ** 3)]


def literature(articles: int, seed: int = 20261125, first: int = 80_000_000) -> Rows:
    """Make so many articles and five times as many findings; the same seed makes the same."""
    random = Random(seed)
    known = vocabulary(random)
    yield "runs", _run(first)
    yield (
        "raw_records",
        {"hash": f"{first:064}", "pmid": None, "body": b"", "run_id": first, "received_at": BEGIN},
    )
    for number in range(articles):
        yield from article(random, known, first, number)


def _run(key: int) -> dict[str, Any]:
    done = {"started_at": BEGIN, "finished_at": BEGIN, "status": "complete", "reason": None}
    read = {"command": "nightly", "parameters": {}, "pipeline": "invented", "version": "1", "counts": {}}
    return {"id": key, **read, **done}


def article(random: Random, known: Vocabulary, first: int, number: int) -> Rows:
    """Make an article: its row, its one version, its study, and five findings in its text."""
    key = first + number
    pmid, at = str(key), BEGIN + timedelta(minutes=15 * number % 460_000)
    parts = Text(random, known)
    made = [_finding(random, known, parts) for _ in range(5)]
    people = random.random() < 0.8
    year = 2026 - int(40 * random.random() ** 2)
    retracted = random.random() < 0.003
    registry = f"NCT{key // 2:08}" if random.random() < 0.3 else None
    source = {"pipeline": "invented", "version": "1", "document_hash": f"{key:064}"}
    yield "articles", {
        "pmid": pmid, "version_id": key, "title": parts.title, "title_key": title_key(parts.title),
        "journal": f"J {often(random, known.words).title()}",
        "year": year, "doi": f"10.5555/{pmid}", "registry_number": registry, "retracted": retracted,
        "deleted": False, "notices": [], "study": registry or pmid,
    }  # fmt: skip
    record = {
        "pmid": pmid,
        "title": parts.title,
        "abstract": [{"text": parts.abstract}],
        "publication_date": {"year": year},
    }
    yield "article_versions", {
        "id": key, "pmid": pmid, "number": 1, "content_hash": f"{key:064}", "document_hash": f"{key:064}",
        "text": parts.text, "record": record, "raw_hash": f"{first:064}", "run_id": first, "received_at": at,
    }  # fmt: skip
    yield "readings", {
        "id": key, "pmid": pmid, "version_id": key, "pipeline": "invented", "pipeline_version": "1",
        "document_hash": f"{key:064}", "run_id": first, "read_at": at, "body": None,
    }  # fmt: skip
    setting = random.choice(SETTINGS) if people else "preclinical"
    study = {
        "species": "human" if people else "animal",
        "design": random.choice(DESIGNS) if people else "preclinical",
        "sample_size": int(10 + 300 * random.random() ** 3), "setting": setting,
        "blinding": random.choice(BLINDINGS) if people else None,
    }  # fmt: skip
    yield "studies", {"pmid": pmid, "reading_id": key, **study}
    named = [often(random, known.conditions) for _ in range(random.randint(1, 2))]
    for place, name in enumerate(named):
        yield "study_conditions", {
            "pmid": pmid, "start": place, "end": place + 1, "text": name.lower(), "curie": f"INVENTED:{hash_of(name)}",
            "name": name,
        }  # fmt: skip
    yield "run_records", {
        "run_id": first, "key": pmid, "fetch": "new", "extraction": "extracted", "reason": None, "source": None,
        "raw_hash": None,
    }  # fmt: skip
    place = -(year * 10**9 + key)
    yield from _findings(random, made, {
        "pmid": pmid, "version_id": key, "reading_id": key, "run_id": first, "created_at": at, "updated_at": at,
        "place": place, "in_scope": setting == "psychiatric" and not retracted, "year": year, "study": registry or pmid,
        "retracted": retracted, **study, "conditions": "\n".join(_condition(name) for name in named),
    }, source)  # fmt: skip


def _condition(name: str) -> str:
    return f"{name.lower()}\n{name}\nINVENTED:{hash_of(name)}"


def hash_of(name: str) -> str:
    """Give a short number of a name, the same on every machine."""
    return f"{int.from_bytes(name.encode(), 'big') % 10**7:07}"


class Text:
    """Title and abstract as they grow, sentence by sentence."""

    def __init__(self, random: Random, known: Vocabulary) -> None:
        self.random, self.known = random, known
        self.title = f"Ketamine and {self._words(7)}"
        self.abstract = self._sentence()

    def _words(self, n: int) -> str:
        return " ".join(often(self.random, self.known.words) for _ in range(n))

    def _sentence(self) -> str:
        return f"{self._words(14).capitalize()}."

    @property
    def text(self) -> str:
        """Give what offsets refer to."""
        return f"{self.title}\n{self.abstract}"

    def add(self, sentence: str, anchor: str) -> dict[str, Any]:
        """Add a sentence after another one; give where it and its anchor stand."""
        self.abstract += f" {self._sentence()} "
        start = len(self.text)
        self.abstract += sentence
        place = start + sentence.index(anchor)
        return {
            "anchor": [place, place + len(anchor)], "anchor_text": anchor,
            "evidence": [start, start + len(sentence)], "evidence_text": sentence,
        }  # fmt: skip


def _finding(random: Random, known: Vocabulary, parts: Text) -> dict[str, Any]:
    kind = random.choices((_dose, _outcome, _event), (25, 50, 25))[0]
    shared = {
        "drug": random.choices(("ketamine", "esketamine", "arketamine"), (75, 22, 3))[0],
        "own_result": random.random() < 0.9,
        "confidence": round(random.random(), 3),
        "flags": [{"code": "odd", "reason": "Look at it."}] if random.random() < 0.1 else [],
    }
    return shared | kind(random, known, parts)


def _dose(random: Random, known: Vocabulary, parts: Text) -> dict[str, Any]:
    amount, unit = random.choice(
        ((0.5, "mg/kg"), (0.5, "mg/kg"), (0.25, "mg/kg"), (1.0, "mg/kg"), (56.0, "mg"), (84.0, "mg"))
    )
    told = f"{amount:g} {unit}"
    route = often(random, ROUTES)
    place = parts.add(f"Patients were given {told} by the {route} route over 40 minutes.", told)
    given = {
        "infusion": "40 minutes",
        "infusion_minutes": 40.0,
        "schedule": often(random, ("once", "twice weekly", "weekly", None)),
    }
    return {"type": "dose", "low": amount, "high": amount, "unit": unit, "route": route, **given, **place}


def _outcome(random: Random, known: Vocabulary, parts: Text) -> dict[str, Any]:
    code, name, domain = often(random, known.instruments)
    hours = random.choice(HOURS) if random.random() < 0.5 else None
    against = random.choice(AGAINST)
    effect = random.choices(("improved", "no_difference", "worsened", "unclear"), (55, 25, 8, 12))[0]
    direction = {"improved": "decreased", "worsened": "increased", "no_difference": "no_difference"}.get(
        effect
    )
    when = f" at {hours} hours" if hours else ""
    place = parts.add(
        f"The {code} score was read{when} beside {against or 'nothing'} (p=0.03).", f"{code} score"
    )
    return {
        "type": "outcome", "instrument": {"curie": f"ketmine.instrument:{code}", "name": name}, "domain": domain,
        "direction": direction, "effect": effect, "comparator": against, "timepoint": f"{hours} hours" if hours else None,
        "timepoint_hours": float(hours) if hours else None, "value": "-7.4" if random.random() < 0.3 else None,
        "p_value": "=0.03", **place,
    }  # fmt: skip


def _event(random: Random, known: Vocabulary, parts: Text) -> dict[str, Any]:
    name = often(random, known.events)
    people = random.randint(20, 200)
    seen = random.randint(0, people // 2)
    rate = random.choice((f"{seen}/{people}", f"{100 * seen // people}%", None, None))
    place = parts.add(f"Of the patients {rate or 'some'} had {name} that passed.", name)
    concept = (
        {"curie": f"INVENTED:{hash_of(name)}", "name": name.capitalize()} if random.random() < 0.7 else None
    )
    return {
        "type": "adverse_event", "concept": concept,
        "assertion": random.choices(("present", "absent", "possible"), (75, 20, 5))[0],
        "comparison": random.choice(("more", "similar", None, None)), "rate": rate, "transient": random.random() < 0.2,
        "serious": random.random() < 0.05, **place,
    }  # fmt: skip


def _findings(
    random: Random, made: Sequence[dict[str, Any]], shared: dict[str, Any], source: dict[str, Any]
) -> Rows:
    doses = [f"{shared['pmid']}{at:08}" for at, value in enumerate(made) if value["type"] == "dose"]
    links = []
    for at, value in enumerate(made):
        key = f"{shared['pmid']}{at:08}"
        flags = value["flags"]
        whole = {"id": key, **value, "provenance": source}
        if value["type"] != "dose":
            whole |= {"doses": doses[:1] or None, "unlinked": None if doses else "none_stated"}
            links += [(key, dose) for dose in doses[:1]]
        status = random.choices(("pending", "accepted", "corrected", "rejected"), (90, 6, 2, 2))[0]
        standing = {
            "status": status,
            "attention": False,
            "revision": 1,
            "flagged": bool(flags),
            "decided": None,
        }
        yield "findings", {"id": key, **shared, **standing, "record": whole, **columns(whole)}
        for flag in flags:
            yield "finding_flags", {"finding_id": key, "origin": "reader", **flag}
    for finding, dose in links:
        yield "finding_doses", {"finding_id": finding, "dose_id": dose}


def plain(value: Any) -> Any:
    """Write a value as a driver takes it: JSON as text, a time as ISO 8601."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat(" ") if isinstance(value, datetime) else value
