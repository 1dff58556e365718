"""Cells that a spreadsheet would run are guarded; figures stay figures."""

import pytest

from store.export import COLUMNS, guarded
from store.tables import FindingRow


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1+1", "'+1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-7.4 to -3.6", "'-7.4 to -3.6"),
        ("\t=1", "'\t=1"),
        ("-7.4", "-7.4"),
        ("+3", "+3"),
        ("64%", "64%"),
        ("MADRS score", "MADRS score"),
        ("", ""),
    ],
)
def test_cells_are_guarded(text: str, cell: str) -> None:
    assert guarded(text) == cell


def test_every_typed_column_of_a_finding_is_exported() -> None:
    kept_elsewhere = {
        *("id", "record", "decided", "version_id", "reading_id", "run_id", "created_at", "updated_at"),
        *("revision", "attention", "flagged", "condition_curie", "condition_name"),
    }
    assert set(FindingRow.model_fields) - kept_elsewhere <= set(COLUMNS)
