"""`python -m flows.docs [--check]`: write the generated parts of the docs, or say which are out of date."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from flows.settings import Settings
from nlp.finding import Reading

ROOT = Path(__file__).resolve().parents[1]


def settings_table() -> str:
    """Give the README's table of settings, in Markdown."""
    rows = [
        f"| `KETMINE_{name.upper()}` | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def state_diagram() -> str:
    """Give the transitions of review as a Mermaid diagram."""
    from store.transitions import EVENTS, TRANSITIONS

    arrows: dict[tuple[str, str], list[str]] = {}
    for status, actions in TRANSITIONS.items():
        for action, after in actions.items():
            arrows.setdefault((status.value, after.value), []).append(action.value)
    for event, steps in EVENTS.items():
        for before, then in steps:
            arrows.setdefault((before.value, then.value), []).append(event.value)
    lines = [f"  {a} --> {b}: {', '.join(acts)}" for (a, b), acts in arrows.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", "  [*] --> pending: read", *lines, "```"])


def permissions() -> str:
    """Give who may do what to a finding in which status, in Markdown; refusals are numbered below each table."""
    from store.people.rights import Person, Role, why_not
    from store.tables import Status
    from store.transitions import TRANSITIONS, Action

    refusals: list[str] = []

    def cell(role: Role, status: Status, action: Action, own: bool) -> str:
        after = TRANSITIONS[status].get(action)
        undoes = action is Action.UNDO and status is not Status.SUPERSEDED
        if after is None and not undoes:
            refusal: str | None = f"A finding that is {status.value} does not take that act."
        else:
            refusal = why_not(Person("", role), action, status, own=own)
        if refusal is None:
            return after.value if after else "as before"
        if refusal not in refusals:
            refusals.append(refusal)
        return f"no ({refusals.index(refusal) + 1})"

    head = [
        "| status | act | decided by oneself | " + " | ".join(Role) + " |",
        "|---|---|---|" + "---|" * len(Role),
    ]
    rows = []
    for status in Status:
        for action in Action:
            others, own = ([cell(role, status, action, mine) for role in Role] for mine in (False, True))
            cases = [("either", others)] if own == others else [("no", others), ("yes", own)]
            rows += [
                f"| {status.value} | {action.value} | {mine} | {' | '.join(told)} |" for mine, told in cases
            ]
    return "\n".join([*head, *rows, "", *(f"{n}. {words}" for n, words in enumerate(refusals, 1))])


def rights_table() -> str:
    """Give what each role may do, in Markdown."""
    from store.people.rights import MEANING, RIGHTS, Right, Role

    rows = [
        f"| `{right.value}` | {MEANING[right]} | "
        + " | ".join("yes" if right in RIGHTS[role] else "no" for role in Role)
        + " |"
        for right in Right
    ]
    return "\n".join(
        ["| right, scope | to | " + " | ".join(Role) + " |", "|---|---|" + "---|" * len(Role), *rows]
    )


def finding_schema() -> str:
    """Give the JSON schema of one line of the exchange format."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Reading.model_json_schema(
        mode="serialization"
    )
    return json.dumps(schema, indent=2) + "\n"


def between_markers(text: str, name: str, content: str) -> str:
    """Replace what stands between `<!-- name -->` and `<!-- /name -->`; without markers, nothing."""
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    return marked.sub(lambda found: f"{found[1]}{content}\n{found[2]}", text)


GENERATED: dict[str, Callable[[str], str]] = {
    "README.md": lambda text: between_markers(text, "settings", settings_table()),
    "docs/architecture.md": lambda text: between_markers(text, "states", state_diagram()),
    "docs/people.md": lambda text: between_markers(
        between_markers(text, "rights", rights_table()), "permissions", permissions()
    ),
    "docs/finding.schema.json": lambda _: finding_schema(),
}
"""File → what it should hold, given what it holds."""


def outdated(root: Path = ROOT) -> dict[Path, str]:
    """Give the generated files whose content is not current, and what they should hold."""
    wanted = {}
    for name, generate in GENERATED.items():
        path = root / name
        now = path.read_text(encoding="utf-8") if path.exists() else ""
        if (current := generate(now)) != now:
            wanted[path] = current
    return wanted


def _default(field: FieldInfo) -> str:
    if field.default is None or field.default is PydanticUndefined or isinstance(field.default, SecretStr):
        return ""
    return f"`{field.default}`"


def main(arguments: list[str]) -> int:
    """Write what is out of date, or with `--check` only name it; give the exit code."""
    stale = outdated()
    for path, content in stale.items():
        if "--check" in arguments:
            print(f"{path.relative_to(ROOT)} is out of date: run `make docs`", file=sys.stderr)  # noqa: T201
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
