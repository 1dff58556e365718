"""What is generated into the docs is current."""

import json
from pathlib import Path

from flows.docs import between_markers, finding_schema, outdated, settings_table, state_diagram
from flows.settings import Settings


def test_generated_docs_are_current() -> None:
    assert [path.name for path in outdated()] == []


def test_a_stale_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("<!-- settings -->\nold\n<!-- /settings -->\n")
    assert {path.name for path in outdated(tmp_path)} == {"README.md", "finding.schema.json"}


def test_table_has_a_line_for_every_setting() -> None:
    assert all(f"`KETMINE_{name.upper()}`" in settings_table() for name in Settings.model_fields)


def test_only_what_stands_between_markers_changes() -> None:
    text = "before\n<!-- x -->\nold\n<!-- /x -->\nafter <!-- y -->"
    assert between_markers(text, "x", "new") == "before\n<!-- x -->\nnew\n<!-- /x -->\nafter <!-- y -->"


def test_schema_describes_a_line_of_the_exchange_format() -> None:
    schema = json.loads(finding_schema())
    assert {"id", "text", "study", "findings", "provenance"} <= set(schema["properties"])
    assert {"Dose", "Outcome", "AdverseEvent"} <= set(schema["$defs"])


def test_the_state_diagram_has_every_transition() -> None:
    drawn = state_diagram()
    assert "pending --> accepted: accept" in drawn
    assert "rejected --> accepted: accept" in drawn
    assert drawn in (Path(__file__).parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")
