# Every task of this repository. The first one that needs it makes .venv from the lock file.

PYTHON ?= python3
BIN := .venv/bin
# Runs a command on a PostgreSQL and a Redis of its own, which end with it.
ON_SERVERS := $(BIN)/python -m tests.servers

.PHONY: run test check bench faults screenshots widget lock

run: export DEMO ?= 1
run: .venv/installed$(if $(DEMO_PROVIDERS),-dev)
	@exec $(BIN)/python manage.py up

test: .venv/installed-dev
	$(BIN)/pytest -n auto

check: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python bin/budgets.py
	$(ON_SERVERS) $(BIN)/python -W error manage.py makemigrations --check --dry-run
	$(ON_SERVERS) $(BIN)/python -W error manage.py check --fail-level WARNING

bench: .venv/installed-dev
	$(ON_SERVERS) --durable $(BIN)/python -m bench

# A heavy storm of faults over a whole installation; STORM_SEED replays one.
faults: .venv/installed-dev
	STORM=heavy $(BIN)/python -m tests.faults.storm

screenshots: .venv/installed-dev
	$(BIN)/pytest tests/browser/screenshots.py

# The widget's script as sites get it; needs Node.
widget:
	$(PYTHON) bin/widget.py

# The lock files hold hashes for every platform, and no address to fetch from.
lock: .venv/installed-dev
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet $(LOCK) pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet $(LOCK) pyproject.toml --group dev --output-file requirements-dev.lock
LOCK := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.venv/installed: requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/installed-dev: requirements-dev.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@ .venv/installed
