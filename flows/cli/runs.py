"""Verbs that write into the store as runs, and the report on them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.edge import ExitCode, say, stop, watched
from flows.priority import give_way
from flows.settings import Settings, settings

if TYPE_CHECKING:
    from store.summary import Summary

Source = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATH|URL",
        help="PubMed XML instead of PubMed: .xml, .xml.gz, a folder of them, or the address of a file or of a "
        "page that lists them; may be given again.",
    ),
]
Since = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"],
        metavar="DATE",
        help="Ask for what was made or revised since that day, instead of since the last night.",
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(min=0, metavar="N", help="Take at most N records; the rest is deferred to a later run."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be taken in, and write nothing.")]
Prefect = Annotated[
    bool,
    typer.Option(
        "--prefect", help="Run as a Prefect flow, seen by a Prefect server (starting one takes seconds)."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


def add_to(app: typer.Typer) -> None:
    """Register the verbs."""
    for verb in (nightly, ingest, extract_stored, sweep, retry, report, digest, demo):
        app.command()(verb)


def nightly(
    source: Source = None,
    since: Since = None,
    limit: Limit = None,
    dry_run: DryRun = False,
    prefect: Prefect = False,
    json: Json = False,
) -> None:
    """Take in what is new, revised or gone, read it, flag what needs a person, and report."""
    if dry_run:
        _foretell(_plan(source, since, limit), json)
    else:
        _run("nightly", _plan(source, since, limit), json=json, prefect=prefect)


def ingest(
    source: Source = None,
    since: Since = None,
    limit: Limit = None,
    dry_run: DryRun = False,
    prefect: Prefect = False,
    json: Json = False,
) -> None:
    """Take in what is new, revised or gone, and read nothing yet."""
    if dry_run:
        _foretell(_plan(source, since, limit), json)
    else:
        _run("ingest", _plan(source, since, limit), json=json, prefect=prefect)


def extract_stored(limit: Limit = None, prefect: Prefect = False, json: Json = False) -> None:
    """Read the stored articles that this pipeline version has not read, or bring back what it read before."""
    _run("extract", _plan(limit=limit), json=json, prefect=prefect)


def sweep(limit: Limit = None, prefect: Prefect = False, json: Json = False) -> None:
    """Ask PubMed for every article held: what was revised, retracted or deleted shows."""
    _run("sweep", _plan(limit=limit), json=json, prefect=prefect)


def retry(limit: Limit = None, json: Json = False) -> None:
    """Ask again for what earlier runs could not read or left for later."""
    _run("retry", _plan(limit=limit), json=json)


def report(
    run: Annotated[int | None, typer.Option(help="Which run.", show_default="the last")] = None,
    json: Json = False,
    html: Annotated[bool, typer.Option("--html", help="Print the report as a page of HTML.")] = False,
) -> None:
    """Tell what a run did: its ledger, findings, flags, examples and failures."""
    summary = _summary(settings(), run)
    if html:
        from flows.report import as_html

        typer.echo(as_html(summary), nl=False)
    else:
        _print(summary, json)


def digest(
    run: Annotated[int | None, typer.Option(help="Which run.", show_default="the last")] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Send it, as a night does, instead of printing it.")
    ] = False,
    json: Json = False,
) -> None:
    """Tell what a run brought: new studies, new or unusual adverse events, retractions, what failed."""
    from flows.digest import as_text, deliver
    from store.database import connect, require_schema, session_scope
    from store.digest import digest as digest_of

    if send and not (settings().digest_webhook or settings().digest_email):
        stop("no digest is asked for: set KETMINE_DIGEST_WEBHOOK or KETMINE_DIGEST_EMAIL", ExitCode.USAGE)
    engine = connect(settings().database_url)
    require_schema(engine)
    with session_scope(engine, writes=False) as session:
        told = digest_of(session, run)
    if not send:
        typer.echo(told.model_dump_json() if json else as_text(told), nl=json)
    elif troubles := deliver(told, settings()):
        stop("; ".join(troubles), ExitCode.PARTLY)


def demo(json: Json = False) -> None:
    """Read a real update file of PubMed, 20,788 records from a package of the index, into a store of its own."""
    from flows.demo import update_file
    from store.database import connect, migrate

    folder = settings().var / "demo"
    own = settings().model_copy(update={"database_url": f"sqlite:///{folder / 'ketmine.db'}", "dask": None})
    source = update_file(folder)
    engine = connect(own.database_url)
    migrate(engine)
    engine.dispose()
    _run("nightly", _plan([str(source)]), json=json, where=own)
    say(f"its pages: KETMINE_DATABASE_URL={own.database_url} ketmine serve")


def _plan(source: list[str] | None = None, since: datetime | None = None, limit: int | None = None) -> Any:
    from flows.nightly import Plan

    return Plan(sources=tuple(source or ()), since=since.date() if since else None, limit=limit)


def _run(
    command: str, plan: Any, *, json: bool, prefect: bool = False, where: Settings | None = None
) -> None:
    place = where or settings()
    give_way()
    if prefect or (place.dask and command != "retry"):
        from flows.schedule import run_as_flow

        run_id = run_as_flow(command, plan, watch=watched)
    else:
        from flows.nightly import run

        run_id = run(command, place, plan, watch=watched)
    summary = _summary(place, run_id)
    _print(summary, json)
    if summary.unfinished:
        say(f"run {summary.run} did not finish its work: {summary.unfinished}")
        raise typer.Exit(ExitCode.PARTLY)


def _foretell(plan: Any, json: bool) -> None:
    from flows.nightly import foretell

    foretold = foretell(settings(), plan, watch=watched)
    if json:
        typer.echo(foretold.model_dump_json())
    else:
        typer.echo("\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in foretold))


def _summary(place: Settings, run_id: int | None) -> "Summary":
    from store.database import connect, require_schema, session_scope
    from store.summary import summary

    engine = connect(place.database_url)
    require_schema(engine)
    with session_scope(engine, writes=False) as session:
        return summary(session, run_id)


def _print(summary: "Summary", json: bool) -> None:
    if json:
        typer.echo(summary.model_dump_json())
        return
    from rich.console import Console

    from flows.report import show

    show(summary, Console())
