"""`ketmine user …`: who may log in, and what they may do."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from flows.settings import settings
from store.people.rights import Person, Right, Role

if TYPE_CHECKING:
    from sqlmodel import Session

app = typer.Typer(help="Add people, and change what they may do.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print a JSON list.")]
Name = Annotated[str, typer.Argument(help="The name that stands in their decisions.")]


@contextmanager
def _store() -> "Iterator[Session]":
    from store.database import connect, require_schema, session_scope

    engine = connect(settings().database_url)
    require_schema(engine)
    with session_scope(engine) as session:
        yield session


@app.command()
def add(name: Name, role: Annotated[Role, typer.Option(help="What they may do.")] = Role.CURATOR) -> None:
    """Add a person and print a one-time password, which they change at their first log-in."""
    from store.people.accounts import add_user

    with _store() as session:
        user, password = add_user(session, name, role)
    typer.echo(f"{user.name}, {role.value}; one-time password, shown once: {password}")


@app.command("list")
def list_people(json: Json = False) -> None:
    """List everyone, with role and whether they are disabled."""
    from store.people.accounts import people

    with _store() as session:
        users = people(session)
    if json:
        from json import dumps

        fields = ("name", "role", "disabled", "must_change")
        typer.echo(dumps([{f: getattr(user, f) for f in fields} for user in users], ensure_ascii=False))
        return
    for user in users:
        notes = (", disabled" if user.disabled else "") + (
            ", has not logged in yet" if user.must_change else ""
        )
        typer.echo(f"{user.name}: {user.role}{notes}")


@app.command()
def role(name: Name, to: Annotated[Role, typer.Argument(metavar="ROLE", help="The new role.")]) -> None:
    """Give a person another role."""
    from store.people.accounts import named, set_role

    with _store() as session:
        set_role(session, named(session, name), to)


@app.command()
def link(
    name: Name, subject: Annotated[str, typer.Argument(help="Their subject at KETMINE_OIDC_ISSUER.")]
) -> None:
    """Let a person log in at the OpenID Connect provider, too."""
    from nlp.errors import KetmineError
    from store.people.accounts import link as known_as
    from store.people.accounts import named, subject_of

    issuer = settings().oidc_issuer
    if issuer is None:
        raise KetmineError("No provider is set up: set KETMINE_OIDC_ISSUER.")
    with _store() as session:
        known_as(session, named(session, name), subject_of(issuer, subject))


@app.command()
def disable(name: Name) -> None:
    """Shut a person out: their log-ins and tokens end at once, their decisions stay."""
    from store.people.accounts import named, set_disabled

    with _store() as session:
        set_disabled(session, named(session, name), True)


@app.command()
def enable(name: Name) -> None:
    """Let a disabled person in again."""
    from store.people.accounts import named, set_disabled

    with _store() as session:
        set_disabled(session, named(session, name), False)


@app.command()
def password(name: Name) -> None:
    """Print a new one-time password in the place of a lost one; it lifts a lock-out too."""
    from store.people.accounts import named, reset_password

    with _store() as session:
        made = reset_password(session, named(session, name))
    typer.echo(f"one-time password, shown once: {made}")


@app.command()
def token(
    name: Name,
    label: Annotated[str, typer.Option(help="What to know it by.")],
    scope: Annotated[list[Right], typer.Option(help="What it may do; can be repeated.")],
    days: Annotated[int, typer.Option(min=1, help="Days that it is good for.")] = 90,
) -> None:
    """Print a new token for a program that acts as this person; it is shown once."""
    from store.people.accounts import named
    from store.people.logins import make_token

    with _store() as session:
        operator = Person("operator", Role.ADMIN)
        typer.echo(make_token(session, operator, named(session, name), label, frozenset(scope), days))


@app.command()
def revoke(name: Name, label: Annotated[str, typer.Argument(help="The token's label.")]) -> None:
    """Take a token back; it opens nothing from then on."""
    from store.people.accounts import named
    from store.people.logins import revoke as take_back

    with _store() as session:
        take_back(session, named(session, name), label)


@app.command()
def log(limit: Annotated[int, typer.Option(min=1, help="Lines to show.")] = 50, json: Json = False) -> None:
    """Show what happened at the door, the last first: attempts, log-ins, lock-outs, changes."""
    from store.people.events import events

    with _store() as session:
        seen = events(session, limit)
        if json:
            from json import dumps

            fields = ("at", "event", "key", "address", "detail")
            told = [{field: getattr(event, field) for field in fields} for event in seen]
            typer.echo(dumps(told, ensure_ascii=False, default=datetime.isoformat))
            return
        for event in seen:
            rest = " ".join(filter(None, (event.address, event.detail)))
            typer.echo(f"{event.at:%Y-%m-%d %H:%M:%S} {event.event}: {event.key} {rest}".rstrip())
