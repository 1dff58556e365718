"""A run's summary as text for a terminal, as HTML, and as Markdown for an orchestrator."""

from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

from nlp.finding import Finding
from store.export import NOTICE
from store.nights import ago
from store.outlook import Outlook
from store.summary import Example, Summary
from store.web.words import TYPES, line, say

if TYPE_CHECKING:
    from rich.console import Console

SERVE = "ketmine serve"
"""The line that starts the web pages."""

_LEFT = ("deferred", "missing", "unparsable", "failed", "no_pmid")
_FOUND = ("new", "revised", "unchanged", "deferred", "missing", "unparsable", "deleted")
_READ = ("extracted", "without_abstract", "failed", "deferred")


def ledger_lines(report: Summary) -> Iterator[tuple[str, str]]:
    """Say what was seen and what became of it: (what, figures)."""
    read = report.counts.get("read")
    if read and read != report.found:
        yield "Records read", f"{read:,} ({report.counts.get('off_topic', 0):,} off topic)"
    yield "Articles seen", f"{report.found:,}{_parts(report.fetch, _FOUND)}"
    yield (
        "New and revised",
        f"{report.fetch['new'] + report.fetch['revised']:,}{_parts(report.extraction, _READ)}",
    )
    if not report.adds_up:
        yield "The sums", "do NOT add up: this is a fault of ketmine; please report it"
    yield "Abstracts read", f"{report.read:,}"
    if back := report.counts.get("brought_back"):
        yield "Brought back", f"{back:,} readings that this pipeline version made before"
    yield "Findings in them", _by_type(report.findings)
    yield "In the store", f"{report.store['articles']:,} articles; {_by_type(report.store)}"
    yield (
        "For a person",
        f"{report.store['waiting']:,} findings wait, {report.store['flagged']:,} of them flagged",
    )
    if left := tuple(left_lines(report.outlook)):
        yield "Left for later", "; ".join(left)


def left_lines(ahead: Outlook) -> Iterator[str]:
    """Say whether the next night is late, and what it takes up."""
    if ahead.night and ahead.late:
        yield f"a night that did not begin: the last began {ago(ahead.night)}"
    again = {state: number for state, number in ahead.left.items() if state != "no_pmid"}
    if again:
        yield f"{sum(again.values()):,} to take up again{_parts(again, _LEFT)}"
    if nobodys := ahead.left.get("no_pmid"):
        yield f"{nobodys:,} unparsable without a PMID, which nobody can be asked for again"
    if ahead.unread:
        yield f"{ahead.unread:,} articles that this pipeline version has not read"


def headline(report: Summary) -> str:
    """Say in a line which run this was and how it ended."""
    seconds = (report.finished_at - report.started_at).total_seconds() if report.finished_at else None
    took = f" in {seconds:.1f} s" if seconds is not None else ""
    return f"Run {report.run}: {report.command}, {report.status}{took}"


def show(report: Summary, console: "Console") -> None:
    """Print the report for a person at a terminal."""
    from rich.markup import escape as plain
    from rich.table import Table

    console.print(f"[bold]{plain(headline(report))}[/bold]")
    if report.reason:
        console.print(f"[yellow]{plain(report.reason)}[/yellow]")
    sums = Table.grid(padding=(0, 2))
    for what, figures in ledger_lines(report):
        sums.add_row(what, plain(figures))
    console.print(sums)
    if report.flagged:
        console.print("\n[bold]Flagged, and why[/bold]")
        flags = Table.grid(padding=(0, 2))
        for flag in report.flagged:
            flags.add_row(f"{flag.findings:,}", flag.code, plain(f"e.g. {flag.reason}"))
        console.print(flags)
    if report.examples:
        console.print("\n[bold]Examples[/bold]")
    for number, example in enumerate(report.examples, start=1):
        console.print(f"{number}. {plain(claim(example))}", highlight=False)
        console.print(
            f"   [dim]“{plain(example.finding.evidence_text)}”[/dim]", highlight=False, soft_wrap=False
        )
        console.print(f"   {plain(_place(example))}", highlight=False)
    if report.failures:
        console.print(f"\n[bold]What failed[/bold] ({report.failed:,}; `ketmine retry` takes it up again)")
        for failure in report.failures:
            console.print(plain(f"  {failure.key}: {failure.state}: {failure.reason}"), highlight=False)
    console.print(f"\nThe pages: [bold]{SERVE}[/bold]")
    console.print(f"[dim]{NOTICE}[/dim]")


def claim(example: Example) -> str:
    """Put an example's claim into a line."""
    return in_a_line(example.finding)


def in_a_line(finding: Finding) -> str:
    """Put a finding into a line: `Outcome of ketamine: MADRS ↓ decreased; against midazolam; 24 h`."""
    told = line(finding)
    what = " ".join(part for part in (told.subject, told.claim) if part)
    return "; ".join([f"{TYPES[finding.type]} of {finding.drug}: {what}", *told.details])


def as_html(report: Summary) -> str:
    """Give the report as one page of HTML that needs nothing else."""
    rows = "".join(f"<tr><th>{escape(what)}<td>{escape(said)}" for what, said in ledger_lines(report))
    flags = "".join(
        f"<tr><td>{flag.findings}<td>{escape(flag.code)}<td>{escape(flag.reason)}" for flag in report.flagged
    )
    examples = "".join(
        f"<li>{escape(claim(example))}<blockquote>{escape(example.finding.evidence_text)}</blockquote>"
        f"<cite>{escape(_place(example))}</cite>"
        for example in report.examples
    )
    failures = "".join(
        f"<li>{escape(failure.key)}: {escape(failure.state)}: {escape(failure.reason or '')}"
        for failure in report.failures
    )
    parts = {"Flagged, and why": f"<table>{flags}</table>" if flags else ""}
    parts |= {
        "Examples": f"<ol>{examples}</ol>" if examples else "",
        "What failed": f"<ul>{failures}</ul>" if failures else "",
    }
    parts |= dict(_outlook(report.outlook))
    body = "".join(f"<h2>{title}</h2>{content}" for title, content in parts.items() if content)
    reason = f"<p><strong>{escape(report.reason)}</strong>" if report.reason else ""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>ketmine: run {report.run}</title>'
        "<style>body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "th{text-align:left;padding-right:2rem}td{padding-right:1rem;vertical-align:top}</style>"
        f"<h1>{escape(headline(report))}</h1>{reason}<table>{rows}</table>{body}"
        f"<p>The pages: <code>{SERVE}</code><p><small>{NOTICE}</small></html>\n"
    )


def _outlook(ahead: Outlook) -> Iterator[tuple[str, str]]:
    """Give how things stand as HTML, by heading; none where there is nothing to say."""
    said = (*left_lines(ahead),)
    yield (
        "What the next night takes up",
        f"<ul>{''.join(f'<li>{line}' for line in said)}</ul>" if said else "",
    )
    marks = (
        (mark.window, f"{mark.until:%-d %b %Y}", f"run {mark.run}", f"query {mark.query}")
        for mark in ahead.bookmarks
    )
    yield "How far PubMed was asked", _table((), marks)
    left = (
        (line.key, say(line.state), line.reason, f"run {line.run}", line.source) for line in ahead.records
    )
    yield "Records not done", _table(("Record", "State", "Reason", "Last met", "Source"), left)
    recent = (
        (
            run.run,
            run.command,
            f"{run.started_at:%-d %b %Y, %H:%M} UTC",
            run.status + ("" if run.adds_up else ": the ledger does NOT add up"),
            f"{run.found:,} found{_parts(run.fetch, _FOUND)}",
            _parts(run.extraction, _READ).removeprefix(": "),
        )
        for run in ahead.recent
    )
    yield "The last runs", _table(("Run", "Command", "Started", "State", "Ledger", "New and revised"), recent)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """Make a table of text, or nothing of no rows."""
    body = "".join(
        "<tr>" + "".join(f"<td>{escape('' if cell is None else str(cell))}" for cell in row) for row in rows
    )
    head = "".join(f"<th>{escape(name)}" for name in heads)
    return f"<table><tr>{head}{body}</table>" if body else ""


def as_markdown(report: Summary) -> str:
    """Give the ledger as Markdown."""
    rows = "\n".join(f"| {what} | {said} |" for what, said in ledger_lines(report))
    reason = f"\n**{report.reason}**\n" if report.reason else ""
    return f"## {headline(report)}\n{reason}\n| | |\n|---|---|\n{rows}\n"


def _place(example: Example) -> str:
    known = [f"PMID {example.pmid}", str(example.year or ""), say(example.design) if example.design else ""]
    return ", ".join(part for part in known if part)


def _parts(states: dict[str, int], order: tuple[str, ...]) -> str:
    said = [f"{states[state]:,} {say(state)}" for state in order if states.get(state)]
    return f": {', '.join(said)}" if said else ""


def _by_type(counts: dict[str, int]) -> str:
    return ", ".join(
        f"{counts.get(kind, 0):,} {words.lower()}{'' if counts.get(kind) == 1 else 's'}"
        for kind, words in TYPES.items()
    )
