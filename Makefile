# Every target works from a fresh clone; `make` alone lists them.
.DEFAULT_GOAL := help
KETMINE := .venv/bin/ketmine
SOURCE ?= examples/sample.xml
BENCH_PYTHON ?= .venv-bench/bin/python

.PHONY: help
help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: install
install:
	@.ci/bootstrap requirements.lock

.PHONY: install-test
install-test:
	@.ci/bootstrap requirements-test.lock

.PHONY: install-dev
install-dev:
	@.ci/bootstrap requirements-dev.lock

.PHONY: run
run: install  ## read the bundled sample into var/ketmine.db and report the findings
	@$(KETMINE) db upgrade
	@$(KETMINE) nightly --prefect --source $(SOURCE)

.PHONY: demo
demo: install  ## the same on real records: a PubMed update file of 20,788 records
	@$(KETMINE) db upgrade
	@$(KETMINE) demo

.PHONY: nightly
nightly: install  ## ask PubMed for what is new, read it, report (KETMINE_ENTREZ_EMAIL must be set)
	@$(KETMINE) db upgrade
	@$(KETMINE) nightly

.PHONY: serve
serve: install  ## open the pages on loopback
	@$(KETMINE) db upgrade
	@$(KETMINE) serve

.PHONY: test
test: install-test  ## run the whole test suite, in a real browser where `make test-browser` or `make check` put its driver; COVERAGE=1 measures coverage
	@.venv/bin/python -m pytest -n auto --dist loadgroup $(if $(COVERAGE),--cov --cov-report=term:skip-covered --cov-fail-under=90)

.PHONY: test-browser
test-browser: install-dev  ## run the tests in a real browser (part of `make test`), which must be there
	@command -v chromium >/dev/null || { echo "There is no Chromium here: apt-get install chromium"; exit 1; }
	@.venv/bin/python -m pytest -n 0 tests/store/web/test_browser*.py

.PHONY: pictures
pictures: install-dev  ## take the screenshots of the docs anew
	@mkdir -p docs/pictures
	@KETMINE_TEST_PICTURES=docs/pictures .venv/bin/python -m pytest -n 0 tests/store/web/test_browser*.py

.PHONY: check
check: install-dev  ## format, lint, types, import contracts, generated docs: changes nothing
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python -m flows.docs --check

.PHONY: fix
fix: install-dev  ## format, mend what lint can, and write the generated docs
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .
	.venv/bin/python -m flows.docs

.PHONY: soak
soak: install-test  ## the long tests: a hundred kills, mixtures of faults, ten thousand mutated records
	.venv/bin/python -m pytest -m soak -o addopts="-q"

.PHONY: bench
bench: install-test $(BENCH_PYTHON)  ## measure beside others on this machine, write docs/benchmarks.md: a quarter of an hour
	PYTHONPATH=. $(BENCH_PYTHON) -m benchmarks

# torch and the rivals have no place in the environment that runs
.venv-bench/bin/python:
	.venv/bin/python -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -e '.[bench]' || { rm -rf .venv-bench; exit 1; }

.PHONY: bench-quick
bench-quick: install-test  ## is reading slower than the ratios that are stored? (two minutes at most)
	.venv/bin/python -m benchmarks.quick

.PHONY: docs
docs: install-test  ## write the generated docs: settings table, schema, state diagram
	.venv/bin/python -m flows.docs

.PHONY: lock
lock:  ## resolve the lock files anew (needs uv)
	uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header -o requirements.lock
	uv pip compile -q pyproject.toml --extra test -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-header -o requirements-test.lock
	uv pip compile -q pyproject.toml --extra test --extra browser --extra check -c requirements-test.lock --universal --python-version 3.11 --generate-hashes --no-header -o requirements-dev.lock
