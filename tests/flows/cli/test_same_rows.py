"""One filter gives the same findings on the command line, in the API, on the pages, in exports and in the notebooks' recipe."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.testclient import TestClient

from flows.settings import settings
from store.database import connect
from store.filters import FindingQuery
from store.web.app import create_app
from tests.flows.conftest import SAMPLE

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "findings_with_pandas.ipynb"
FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"species": "any", "setting": "any", "retracted": "any", "status": "any"},
    {"drug": ["esketamine", "arketamine"], "type": ["dose", "outcome"]},
    {"adverse_event": ["dissociation"], "assertion": ["present"]},
    {"text": "midazolam depress*"},
    {"mg_per_kg_min": 0.4, "mg_per_kg_max": 0.6, "year_min": 2020},
    {"design": ["randomized_trial"], "sample_size_min": 20, "effect": ["improved"]},
    {"hours_max": 24, "comparator": ["placebo"]},
    {"drug": ["norketamine"], "year_max": 1980},
)


def in_notebook() -> Any:
    """Give the function by which the notebook queries, as its first cell of code defines it."""
    held = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {}
    exec("".join(next(cell for cell in held if cell["cell_type"] == "code")["source"]), names)
    return names["frame"]


def test_a_filter_gives_the_same_rows_everywhere(ketmine: Any) -> None:
    ketmine("db", "upgrade")
    assert ketmine("nightly", "--source", SAMPLE / "sample.xml").exit_code == 0
    frame = in_notebook()
    engine = connect(settings().database_url)
    seen: set[int] = set()
    with TestClient(create_app(engine), base_url="http://127.0.0.1") as client:
        for fields in FILTERS:
            query = FindingQuery.model_validate(fields)
            options = [
                part
                for name, value in fields.items()
                for one in (value if isinstance(value, list) else [value])
                for part in (f"--{name.replace('_', '-')}", one)
            ]
            told = json.loads(ketmine("query", "--json", "--limit", 1000, *options).stdout)["findings"]
            rows = [found["finding"]["id"] for found in told]
            address = urlencode(fields, doseq=True)
            assert walked(client, f"/api/v1/findings?limit=200&{address}") == rows, fields
            assert on_pages(client, f"/findings?limit=200&{address}") == rows, fields
            exported = ketmine("export", "--format", "csv", *options).stdout
            saved = client.get(f"/findings.csv?{address}").text
            for text in (exported, saved):
                assert sorted(row["finding_id"] for row in csv.DictReader(io.StringIO(text))) == sorted(
                    rows
                ), fields
            lines = client.get(f"/findings.jsonl?{address}").text.splitlines()
            assert sorted(json.loads(line)["finding"]["id"] for line in lines) == sorted(rows), fields
            assert sorted(frame(query).finding_id) == sorted(rows), fields
            seen.add(len(rows))
    engine.dispose()
    assert 0 in seen, "one of the filters fits nothing"
    assert len(seen) > 5, "the filters give lists of different lengths"


def walked(client: TestClient, path: str | None) -> list[str]:
    """Give the findings of all pages of the API."""
    rows: list[str] = []
    while path:
        answer = client.get(path).json()
        rows += [item["finding"]["id"] for item in answer["items"]]
        path = answer["next"]
    return rows


def on_pages(client: TestClient, path: str | None) -> list[str]:
    """Give the findings of all pages that a person would read, by their links."""
    rows: list[str] = []
    while path:
        page = client.get(path).text
        rows += re.findall(r'href="/findings/(\w+)" data-row', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = following[1].replace("&amp;", "&") if following else None
    return rows
