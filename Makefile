# Forecourt. `make help` lists every habit.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Python 3.11 or later is needed; the first one found is taken.
PY := $(shell for p in $(PYTHON) python3.11 python3.12 python3.13; do command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && command -v $$p && break; done)

.PHONY: help demo serve test lint types contracts format lock bench ledger openapi clean
.DEFAULT_GOAL := help

help: ## List every habit
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.run: requirements/run.txt pyproject.toml
	@test -n "$(PY)" || { echo "Forecourt needs Python 3.11 or later; none was found."; exit 1; }
	@echo "Preparing the virtual environment in $(VENV) (about a minute the first time) …"
	@test -x $(BIN)/python || $(PY) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/.run ## Run a demo operator with a simulated network of chargers (flags: make demo ARGS="--stations 100")
	@exec $(BIN)/forecourt demo $(ARGS)

serve: $(VENV)/.run ## Run Forecourt for real use
	@exec $(BIN)/forecourt serve $(ARGS)

test: $(VENV)/.dev lint types contracts ## Lint, types, import contracts and every test, on a real PostgreSQL and NATS
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

lint: $(VENV)/.dev ## Style, by ruff
	$(BIN)/ruff check src tests bench tools
	$(BIN)/ruff format --check src tests bench tools

types: $(VENV)/.dev ## Types, by mypy (strict)
	$(BIN)/mypy

contracts: $(VENV)/.dev ## The dependency rule, by import-linter
	$(BIN)/lint-imports --no-cache

format: $(VENV)/.dev ## Format and mend what ruff can mend
	$(BIN)/ruff check --fix src tests bench tools
	$(BIN)/ruff format src tests bench tools

lock: ## Lock the requirements anew (needs uv)
	uv pip compile pyproject.toml --extra build --universal --generate-hashes --no-header --python-version 3.11 -q -o requirements/run.txt
	uv pip compile pyproject.toml --extra build --extra dev --universal --generate-hashes --no-header --python-version 3.11 -q -o requirements/dev.txt

bench: $(VENV)/.dev ## Measure the gateway against its peers in the same run
	$(BIN)/python -m bench $(ARGS)

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
