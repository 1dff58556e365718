"""The web process starts without a model, and answers while the database is not there."""

import subprocess
import sys
from pathlib import Path

from starlette.testclient import TestClient

from store.database import connect
from store.web.app import create_app
from tests.store.web.conftest import HERE

PROBE = """
import sys
from store.database import connect
from store.web.app import create_app
create_app(connect("sqlite://"))
print(*sorted({"spacy", "numpy", "transformers", "onnxruntime", "prefect", "Bio", "alembic", "statsmodels"} & set(sys.modules)))
"""


def test_it_starts_without_loading_a_model_or_a_pipeline() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_database_that_is_not_migrated_is_said_to_be_so(tmp_path: Path) -> None:
    app = create_app(connect(f"sqlite:///{tmp_path}/empty.db"))
    with TestClient(app, base_url=HERE) as client:
        for path in ("/findings", "/api/v1/findings"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert "run `ketmine db upgrade`" in answer.text
