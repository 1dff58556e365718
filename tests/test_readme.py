"""What the README names exists, and its generated part is current."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from flows.cli import app
from flows.docs import settings_table

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
LINES = [
    shlex.split(line, comments=True) for block in BLOCKS for line in block.splitlines() if "“" not in line
]
COMMAND = typer.main.get_command(app)
assert isinstance(COMMAND, TyperGroup)


def test_it_says_what_it_is_not() -> None:
    assert "not medical advice" in README


def test_its_table_of_settings_is_current() -> None:
    assert f"<!-- settings -->\n{settings_table()}\n<!-- /settings -->" in README


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z]+)\b(?=`|  )", README))))
def test_make_has_the_target(target: str) -> None:
    assert re.search(rf"^{target}:.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_two_commands_are_named() -> None:
    assert ["make", "run"] in LINES
    assert ["make", "test"] in LINES


@pytest.mark.parametrize(
    "verb", sorted(set(re.findall(r"`ketmine ([a-z-]+)`", README)) | set(COMMAND.commands))
)
def test_the_verbs_named_are_the_verbs_there_are(verb: str) -> None:
    assert verb in COMMAND.commands
    assert f"`ketmine {verb}`" in README


@pytest.mark.parametrize("line", [line for line in LINES if line[:1] == ["ketmine"]], ids=" ".join)
def test_the_options_of_an_example_exist(line: list[str]) -> None:
    known = {option for parameter in COMMAND.commands[line[1]].params for option in parameter.opts}
    assert {word for word in line if word.startswith("--")} <= known


def test_the_prefect_commands_are_those_of_the_operations() -> None:
    commands = [block for block in BLOCKS if "prefect server start" in block]
    assert len(commands) == 1
    assert commands[0] in (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)", README))))
def test_a_link_leads_to_a_file(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("module", sorted(set(re.findall(r"`python -m ([\w.]+)", README))))
def test_a_module_to_run_exists(module: str) -> None:
    path = ROOT.joinpath(*module.split("."))
    assert path.with_suffix(".py").exists() or (path / "__main__.py").exists()
