# Needs python3 (3.11 or later). Every target is thin over a command that anyone can type.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test lint lint-rules lint-format lint-types docs bench lock
.DELETE_ON_ERROR:

demo: .venv/run.installed
	@$(BIN)/graphsms demo

test: .venv/dev.installed
	$(BIN)/python -m pytest --numprocesses auto --dist loadscope $(ARGS)

lint: lint-rules lint-format lint-types

lint-rules: .venv/dev.installed
	$(BIN)/ruff check

lint-format: .venv/dev.installed
	$(BIN)/ruff format --check

lint-types: .venv/dev.installed
	$(BIN)/mypy

docs: .venv/dev.installed
	$(BIN)/python scripts/reference.py
	$(BIN)/python scripts/vocabulary_pages.py
	$(BIN)/python scripts/shown.py
	$(BIN)/python -m pytest tests/test_docs.py tests/test_reference.py

bench: .venv/bench.installed
	for file in benchmarks/[a-z]*.py; do $(BIN)/python "$$file" || exit 1; done

lock: .venv/dev.installed
	scripts/lock.sh $(ARGS)

# The environment: exactly what the lock says, then the package itself without looking further.
.venv/%.installed: requirements/%.lock pyproject.toml | .venv/bin/python
	@echo "Installing what requirements/$*.lock names into .venv ..." >&2
	@$(PIP) install --require-hashes --requirement requirements/$*.lock
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "graphsms needs Python 3.11 or later, and '$(PYTHON)' is $$($(PYTHON) --version 2>/dev/null || echo not there)." >&2; \
	  echo "Say which one to take: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
