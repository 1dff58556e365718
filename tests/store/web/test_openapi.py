"""The API keeps to what its OpenAPI document says, whatever it is asked (schemathesis, always with the same cases)."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from store.database import connect, migrate, session_scope
from store.people.accounts import add_user
from store.people.logins import make_token
from store.people.rights import Person, Right, Role
from store.web.app import create_app
from tests.store.web.conftest import fill

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
HOST = {"host": "127.0.0.1"}

FEW = settings(
    max_examples=3,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Give the API of a store with the invented findings, as its own document describes it."""
    engine = connect(f"sqlite:///{Path(tmp_path_factory.mktemp('api'))}/store.db")
    migrate(engine)
    fill(engine)
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", create_app(engine), headers=HOST)
    yield schema.include(tag="v1")
    engine.dispose()


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
def test_every_address_answers_as_it_is_described(api: Any, mode: Any) -> None:
    asked = set()
    for operation in (found.ok() for found in api.get_all_operations()):

        @FEW
        @given(case=operation.as_strategy(generation_mode=mode))
        def answers(case: Any) -> None:
            asked.add(case.operation.label)
            case.call_and_validate(checks=CHECKS, headers=HOST)

        with suppress(Unsatisfiable):  # an address without parameters has no wrong ones
            answers()
    assert {"GET /api/v1/findings", "GET /api/v1/studies", "GET /api/v1/questions/{key}"} <= asked


def test_every_address_of_research_is_described_with_its_problems(api: Any) -> None:
    described = {
        path: operations["get"] for path, operations in api.raw_schema["paths"].items() if "get" in operations
    }
    for name in (
        "findings",
        "concepts",
        "studies",
        "statistics",
        "questions/{key}",
        "articles/{pmid}/versions",
        "runs",
    ):
        answers = described[f"/api/v1/{name}"]["responses"]
        assert "application/problem+json" in answers["422"]["content"], name
        assert set(answers["422"]["content"]) == {"application/problem+json"}, name


@pytest.mark.parametrize("name", ["findings", "concepts", "studies", "statistics", "questions/{key}"])
def test_the_filters_are_described_with_examples(api: Any, name: str) -> None:
    parameters = {one["name"]: one for one in api.raw_schema["paths"][f"/api/v1/{name}"]["get"]["parameters"]}
    assert parameters["drug"]["example"] == ["esketamine"]
    assert parameters["hours_max"]["schema"] == {"type": "number", "minimum": 0, "maximum": 1e9}
    assert "any" in parameters["setting"]["schema"]["items"]["enum"]


@pytest.mark.parametrize("tag", ["desk", "people"])
def test_no_request_to_the_desk_breaks_it(tmp_path: Path, migrated: Path, tag: str) -> None:
    """An admin may ask for anything: whatever is asked, the answer is one that is described."""
    shutil.copy(migrated, tmp_path / "store.db")
    engine = connect(f"sqlite:///{tmp_path}/store.db")
    fill(engine)
    with session_scope(engine) as session:
        root, _ = add_user(session, "Root", Role.ADMIN, subject="root")
        secret = make_token(session, Person("operator", Role.ADMIN), root, "fuzz", frozenset(Right), 1)
    headers = HOST | {"authorization": f"Bearer {secret}"}
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", create_app(engine), headers=headers)
    asked = 0
    for operation in (found.ok() for found in schema.include(tag=tag).get_all_operations()):

        @FEW
        @given(case=operation.as_strategy())
        def answers(case: Any) -> None:
            nonlocal asked
            asked += 1
            case.call_and_validate(checks=[not_a_server_error, status_code_conformance], headers=headers)

        answers()
    engine.dispose()
    assert asked > 20
