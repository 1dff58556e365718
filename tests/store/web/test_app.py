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
from starlette.testclient import TestClient
from store.database import connect
from store.web.app import create_app
with TestClient(create_app(connect(sys.argv[1])), base_url=sys.argv[2]) as client:
    assert client.get("/findings").status_code == 200
print(*{name.partition(".")[0] for name in sys.modules})
"""

LATE = (
    *("spacy", "thinc", "torch", "transformers", "onnxruntime", "tokenizers"),  # models
    *(
        "numpy",
        "scipy",
        "pandas",
        "statsmodels",
        "matplotlib",
        "fastparquet",
        "pyarrow",
    ),  # plots, pools, exports
    *("prefect", "dask", "distributed", "Bio", "lxml", "flows"),  # runs
    *("alembic", "psycopg", "authlib", "joserfc", "fhir"),  # migrations, another database, log-in elsewhere
)
"""What the first page has no need of."""


def test_the_first_page_needs_no_model_and_nothing_of_plots_runs_and_exports(filled: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, f"sqlite:///{filled}", HERE], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "sqlalchemy" in loaded
    assert loaded.isdisjoint(LATE)


def test_a_database_that_is_not_migrated_is_said_to_be_so(tmp_path: Path) -> None:
    app = create_app(connect(f"sqlite:///{tmp_path}/empty.db"))
    with TestClient(app, base_url=HERE) as client:
        for path in ("/findings", "/api/v1/findings"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert "run `ketmine db upgrade`" in answer.text
