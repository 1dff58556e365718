"""Read what a form of ours posts: plain text fields, the revision seen, the words selected."""

from typing import Final

LONGEST_NOTE: Final = 2000


def number_of(form: dict[str, str], field: str) -> int | None:
    """Give a field that is a whole number, or None."""
    text = form.get(field, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def revision_of(form: dict[str, str]) -> int:
    """Give the revision that the form was drawn from."""
    seen = number_of(form, "seen")
    if seen is None:
        raise ValueError("The form lacks the revision that it was drawn from: reload the page.")
    return seen


def span_of(form: dict[str, str], suffix: str = "") -> tuple[int, int] | None:
    """Give the selected words as half-open offsets into the text, or None where nothing was selected."""
    start, end = number_of(form, f"start{suffix}"), number_of(form, f"end{suffix}")
    return None if start is None or end is None else (start, end)
