"""Verbs that stay: serve and schedule; and doctor, which says whether they can."""

from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.edge import ExitCode, say
from flows.settings import prefect_api, quiet_prefect, settings
from nlp.errors import KetmineError

if TYPE_CHECKING:
    from store.web.entrance import Provider


def add_to(app: typer.Typer) -> None:
    """Register the verbs."""
    for verb in (serve, schedule, doctor):
        app.command()(verb)


def serve(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on.", show_default="KETMINE_PORT")
    ] = None,
) -> None:
    """Open the pages: findings, their sentences, and the decisions of curators.

    Where there is no admin yet, one is made and its one-time password printed, once.
    """
    import gc
    import socket

    gc.disable()  # what is imported stays: to look through it for cycles, again and again, took a tenth of the start
    import uvicorn

    from store.asked import Tally
    from store.database import connect, require_schema, session_scope
    from store.people.accounts import first_admin
    from store.web.app import create_app
    from store.web.entrance import Entrance
    from store.web.warm import warm

    gc.enable()
    engine = connect(settings().database_url)
    require_schema(engine)
    with session_scope(engine) as session:
        admin = first_admin(session)
    shares = {str(kind): share for kind, share in settings().double_review.items()}
    where = settings().host
    kind = socket.AF_INET6 if ":" in where else socket.AF_INET
    wanted = settings().port if port is None else port
    try:
        listening = socket.create_server((where, wanted), family=kind)
    except OSError as error:
        raise KetmineError(
            f"Cannot open port {wanted} of {where}: {error.strerror}. Give another --port."
        ) from None
    with listening:
        name = f"[{where}]" if ":" in where else where
        say(f"the pages are on http://{name}:{listening.getsockname()[1]}/ until you press Ctrl-C")
        if admin:
            say(f"log in as {admin[0]} with the one-time password, shown this once: {admin[1]}")
        tally = Tally(engine)
        pages = create_app(engine, Entrance(settings().public_url, _provider()), shares, tally)
        believed = settings().proxies
        config = uvicorn.Config(
            pages, log_level="warning", proxy_headers=bool(believed), forwarded_allow_ips=believed or ""
        )
        server = uvicorn.Server(config)
        warm(engine, lambda: server.server_state.total_requests)
        try:
            server.run(sockets=[listening])
        finally:
            tally.write()


def _provider() -> "Provider | None":
    from store.people.rights import Role
    from store.web.entrance import Provider

    known = settings()
    if known.oidc_issuer is None:
        return None
    secret = known.oidc_client_secret.get_secret_value() if known.oidc_client_secret else None
    newcomers = Role(known.oidc_newcomers) if known.oidc_newcomers else None
    return Provider(known.oidc_issuer, known.oidc_client_id or "", secret, newcomers)


def schedule(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the Prefect server; 0 takes any.")
    ] = 4200,
) -> None:
    """Run the nightly flow and the weekly sweep when they are due, until Ctrl-C.

    Needs no Prefect server: it runs one of its own, unless PREFECT_API_URL names another.
    """
    from flows.prefect_server import prefect_server

    home = settings().var / "prefect"
    quiet_prefect(home)
    if prefect_api():
        _serve(f"the Prefect server at {prefect_api()}")
    else:
        with prefect_server(home / "server.log", port) as address:
            _serve(f"a Prefect server of its own, {address}")


def _serve(server: str) -> None:
    from flows.schedule import EASTERN, SCHEDULE, serve_schedule

    due = ", ".join(f"{name} ({cron})" for name, cron in SCHEDULE.items())
    say(f"scheduled by {server}, in {EASTERN} time: {due}; Ctrl-C stops")
    serve_schedule()


def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Leave out what asks PubMed.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the settings and the checks as JSON.")] = False,
) -> None:
    """Say what is configured, reachable, migrated and loaded; exit code 1 when something is not ready."""
    from flows.doctor import configured, examine

    values = configured(settings())
    checks = list(examine(settings(), offline=offline))
    if json:
        from json import dumps

        found = [check.model_dump() for check in checks]
        typer.echo(
            dumps({"settings": values, "checks": found, "ready": all(check.ready for check in checks)})
        )
    else:
        for name, value in values.items():
            typer.echo(f"{name} = {'(not set)' if value is None else value}")
        typer.echo()
        for check in checks:
            advice = f" {check.advice}" if check.advice else ""
            typer.echo(f"{'ok     ' if check.ready else 'NOT OK '} {check.name}: {check.seen}.{advice}")
    if not all(check.ready for check in checks):
        raise typer.Exit(ExitCode.PARTLY)
