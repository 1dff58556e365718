"""The tree and the import rules of docs/architecture.md hold."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("flows", "nlp", "store")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def imported_modules(path: Path) -> set[str]:
    """Name every module that a file imports, anywhere in it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_the_top_level_holds_the_three_packages_and_nothing_else_that_python_imports() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert folders - {"benchmarks"} == {*PACKAGES, "tests"}


def test_import_contracts_are_kept() -> None:
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("import-linter is not installed")
    checked = subprocess.run([command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_imported_under_the_name_that_the_spacy_object_bears(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    aliases = [alias for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    bound = {(alias.asname or alias.name).split(".")[0] for alias in aliases}
    assert not bound & set(PACKAGES), "write `from nlp.x import y`, never `import nlp`"


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "base"])
def test_no_file_is_named_after_nothing(name: str) -> None:
    assert not [path for path in SOURCES if path.stem == name]


def test_only_settings_read_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        if "os.environ" in path.read_text(encoding="utf-8") or "os.getenv" in path.read_text(encoding="utf-8")
    }
    assert readers <= {"flows/settings.py", "flows/prefect_quiet.py"}


def test_the_web_process_starts_without_loading_a_model() -> None:
    app = ROOT / "store" / "web" / "app.py"
    if not app.exists():
        pytest.skip("the pages are not there yet")
    heavy = "{'spacy', 'scispacy', 'transformers', 'onnxruntime', 'prefect', 'torch'}"
    code = f"import sys, store.web.app; print(sorted({heavy} & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"
