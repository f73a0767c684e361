# Forecourt. `make help` lists every habit.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Python 3.11 or later is needed; the first one found is taken.
PY := $(shell for p in $(PYTHON) python3.11 python3.12 python3.13; do command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && command -v $$p && break; done)

.PHONY: browser-test help demo serve web web-test api-client screenshots test lint types contracts format lock bench clean
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

# A Node of 22 or later: the machine's own, else the one of the wheel in the virtual environment.
NODE := $(abspath $(BIN)/python) $(abspath tools/node.py)
WEB_SOURCES := $(shell find web -name node_modules -prune -o -type f -print)
ASSETS := src/forecourt/web_assets/.built

$(VENV)/.node: requirements/web.txt $(VENV)/.run
	@$(NODE) --found || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r requirements/web.txt
	@touch $@

web/node_modules/.package-lock.json: web/package.json web/package-lock.json web/.npmrc $(VENV)/.node
	@echo "Fetching what the web screens are built with …"
	@cd web && $(NODE) npm ci --no-audit --no-fund --silent
	@touch $@

$(ASSETS): $(WEB_SOURCES) web/node_modules/.package-lock.json
	@echo "Building the web screens …"
	@cd web && $(NODE) npm run --silent build
	@touch $@

# Drives the screens in tests: the machine's Chromium, installed where there is none.
$(VENV)/.chromium: $(VENV)/.dev
	@command -v chromium chromium-browser google-chrome >/dev/null || { echo "Installing Chromium …"; apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; }
	@touch $@

web: $(ASSETS) ## Build the web screens, if their sources changed

demo: $(VENV)/.run $(ASSETS) ## Run a demo operator with a simulated network of chargers (flags: make demo ARGS="--stations 100")
	@exec $(BIN)/forecourt demo $(ARGS)

serve: $(VENV)/.run $(ASSETS) ## Run Forecourt for real use
	@exec $(BIN)/forecourt serve $(ARGS)

test: $(VENV)/.dev $(ASSETS) lint types contracts web-test ## Lint, types, import contracts and every test but the browser's, on a real PostgreSQL and NATS
	$(BIN)/python -m pytest -n 2 --dist loadfile --ignore tests/web $(ARGS)

# Apart from `test`, because the browser's driver keeps an event loop of its own in its process.
browser-test: $(VENV)/.dev $(VENV)/.chromium $(ASSETS) ## The screens, driven in Chromium against the real program
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/web $(ARGS)

web-test: web/node_modules/.package-lock.json ## Types, lint and unit tests of the web screens
	cd web && $(NODE) npm run --silent check
	cd web && $(NODE) npm test --silent

api-client: $(VENV)/.run web/node_modules/.package-lock.json ## Make the web screens' typed client from the API anew
	$(BIN)/python -m tools.openapi | (cd web && $(NODE) npm run --silent schema)

screenshots: $(VENV)/.dev $(VENV)/.chromium $(ASSETS) ## Every screen, light and dark, on desktop and phone, into build/screenshots
	$(BIN)/python -m tests.web.screenshots $(ARGS)

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
	uv pip compile requirements/web.in --universal --generate-hashes --no-header --python-version 3.11 -q -o requirements/web.txt

bench: $(VENV)/.dev ## Measure the gateway against its peers in the same run
	$(BIN)/python -m bench $(ARGS)

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) web/node_modules src/forecourt/web_assets build .mypy_cache .ruff_cache .pytest_cache .hypothesis
