# Every command of a working day. `make` alone lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo run test test-long check bench migrate lock format clean

VENV := .venv
PY := $(VENV)/bin/python
BRIGADA := $(VENV)/bin/brigada
PYTEST := $(PY) -m pytest
# Two: what the smallest machine has. PYTEST_WORKERS=8 make test on a larger one.
PYTEST_WORKERS ?= 2
ARGS ?=
# Keep compiled modules, whatever the machine's habit is: each process of the service imports 1,400 of them, and
# compiling them anew takes several times as long as all the rest of its start.
unexport PYTHONDONTWRITEBYTECODE

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1mmake %-10s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.stamp-run ## Install, fill and serve a demo service at https://localhost:8443
	@$(BRIGADA) demo $(ARGS)

run: $(VENV)/.stamp-run ## Serve a real service with the settings of the environment and .env
	@$(BRIGADA) serve $(ARGS)

migrate: $(VENV)/.stamp-run ## Bring the database to the latest structure
	@$(BRIGADA) migrate $(ARGS)

bench: $(VENV)/.stamp-dev ## Measure the service against the goals
	@$(BRIGADA) bench $(ARGS)

# What is about the repository itself (its documents, layers, structure of the database) is `make check`.
CHECKED := tests/setup tests/migrations tests/architecture

test: $(VENV)/.stamp-dev ## Run the tests (minutes; a browser is installed where root may)
	@sh tools/install-browser
	$(PYTEST) -n $(PYTEST_WORKERS) --dist worksteal -m "not long" $(CHECKED:%=--ignore=%) $(ARGS)

# Exit code 5 of pytest: no test was selected.
test-long: $(VENV)/.stamp-sweep ## Run the long tests: races 200 times over, faults, soaks
	@sh tools/install-browser
	BRIGADA_TEST_EXAMPLES=40 $(PYTEST) -n $(PYTEST_WORKERS) --dist worksteal -m "long or drawn" $(ARGS) || [ $$? -eq 5 ]

check: $(VENV)/.stamp-dev ## Check style, types, layers, migrations and the completeness of the documents
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) -m tools.check_js
	$(PYTEST) -q $(CHECKED) $(ARGS)

format: $(VENV)/.stamp-dev ## Put the code into the one form
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

LOCK := $(VENV)/bin/uv --no-config pip compile --quiet --universal --python-version 3.12 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url

lock: $(VENV)/.stamp-run ## Compile the locks anew from pyproject.toml (ARGS=--upgrade for newer versions)
	$(LOCK) $(ARGS) pyproject.toml -o requirements.lock
	$(LOCK) $(ARGS) --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(LOCK) $(ARGS) --extra sweep -c requirements-dev.lock pyproject.toml -o requirements-sweep.lock
	$(LOCK) $(ARGS) -c requirements-dev.lock requirements-bootstrap.in -o requirements-bootstrap.lock

clean: ## Remove .venv and caches; the data in var/ stays
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache var/cache dist test-results

$(VENV)/.stamp-run: requirements.lock requirements-bootstrap.lock pyproject.toml tools/install
	@sh tools/install run
	@touch $@

$(VENV)/.stamp-dev: requirements-dev.lock requirements.lock requirements-bootstrap.lock pyproject.toml tools/install
	@sh tools/install dev
	@touch $@ $(VENV)/.stamp-run

$(VENV)/.stamp-sweep: requirements-sweep.lock $(VENV)/.stamp-dev
	@sh tools/install sweep
	@touch $@
