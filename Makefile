# Needs make and Python 3.11 or newer; everything else is installed into .venv.

# The first of these that is new enough makes .venv; name another with `make PYTHON=...`.
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
# How many tests run side by side.
WORKERS ?= auto
# The tests on random databases.
PROPERTIES := $(addprefix tests/, $(addsuffix .py, laws/test_properties laws/test_identity laws/test_stale_indexes \
    laws/test_undo_properties laws/test_scripts plan/test_consequences sql/test_key_spelling sql/test_own_names))
# The wheels that bring newer versions of SQLite for `make test-sqlite`.
NEWER_SQLITE ?= pysqlite3-binary==0.5.4.post2 pysqlite3==0.6.1
# The folder of real databases for `make corpus`.
SHARED ?= ../shared
# How large the databases of `make bench` are (1: 8 million keys), of how many runs it takes the median, and up to
# which scale it draws the line of the time per key (10: 4 GB; 0: none).
SCALE ?= 1
RUNS ?= 5
LARGEST ?= 10

BIN := .venv/bin
# Stamps: a virtual environment that is whole, with sqlfix in it, and with the tools of its developers as well.
VENV := .venv/.made
APP := .venv/.app
DEV := .venv/.dev

# A notice of a newer pip would stand in the middle of the demo.
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help demo test test-sqlite check lint types format docs goldens new-check fuzz faults corrupt corpus bench bench-before \
    bench-repair bench-backfill bench-alter wheel clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s  %s\n", $$1, $$2 }' Makefile

demo: $(APP) ## Damage a shop's database, then scan, explain and repair it
	@rm -rf demo
	@$(BIN)/python docs/demo/build.py demo/shop.sqlite3
	$(call show,sqlfix scan demo/shop.sqlite3)
	$(call show,sqlfix export-sql demo/shop.sqlite3)
	$(call show,sqlfix repair --backup demo/shop.sqlite3 --yes)
	$(call show,sqlfix scan demo/shop.sqlite3)

test: $(DEV) ## Run all tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

test-sqlite: $(DEV) ## Run the tests that ask SQLite itself, with its version here and with newer ones
	@set -e; tried=""; \
	for wheel in own $(NEWER_SQLITE); do \
	    folder=".venv/newer/$$wheel"; path="tests/newer:$$folder"; \
	    if [ $$wheel = own ]; then path=""; \
	    elif [ ! -d "$$folder" ]; then $(BIN)/python -m pip install --quiet --target "$$folder" "$$wheel"; fi; \
	    version=$$(PYTHONPATH="$$path" $(BIN)/python -c 'import sqlite3; print(sqlite3.sqlite_version)'); \
	    echo "SQLite $$version ($$wheel)"; \
	    PYTHONPATH="$$path" $(BIN)/python -m pytest -q -n $(WORKERS) -m oracle; \
	    tried="$$tried $$version"; \
	done; \
	echo "tried with SQLite$$tried"

check: lint types test ## All that must hold before a commit: format, lint, types, tests, docs

lint: $(DEV) ## Check the formatting and run the linter
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(DEV) ## Check the types (mypy --strict)
	$(BIN)/mypy --strict sqlfix

format: $(DEV) ## Format the code and apply the linter's safe fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(DEV) ## Run the tests that keep the docs true
	$(BIN)/python -m pytest tests/test_docs.py

goldens: $(DEV) ## Rewrite the expected files of tests/cases (then review the diff)
	$(BIN)/python -m pytest tests/test_cases.py --rewrite-goldens

new-check: $(DEV) ## Write a check and its test from a template (NAME=my-check)
	@$(BIN)/python tools/new_check.py "$(NAME)"

fuzz: $(DEV) ## Run the property tests for longer
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest --timeout 0 -n $(WORKERS) $(PROPERTIES)

faults: $(DEV) ## Kill, interrupt and starve it at 300 moments, and fail every step (some 10 minutes)
	SQLFIX_FAULTS=300 timeout 1200 $(BIN)/python -m pytest -q --timeout 0 tests/repair/test_faults.py tests/repair/test_schema_faults.py \
	    tests/repair/test_other_faults.py

corrupt: $(DEV) ## Run the commands on 2,000 corrupt variants of databases (some 3 minutes)
	SQLFIX_CORRUPT=2000 timeout 900 $(BIN)/python -m pytest -q -rP --timeout 0 -n $(WORKERS) tests/sqlite/test_corrupt.py

corpus: $(DEV) ## Run the tests on a folder of real databases, on all of each (SHARED=path)
	@test -d "$(SHARED)" || { echo "error: no folder $(SHARED); name one with make corpus SHARED=path" >&2; exit 1; }
	SQLFIX_CORPUS=all SQLFIX_SHARED="$$(cd "$(SHARED)" && pwd)" $(BIN)/python -m pytest -n $(WORKERS) -m corpus

bench: $(DEV) ## Measure it against SQLite's own check, into docs/benchmark.md (the better part of an hour, 5 GB; SCALE=0.1 RUNS=3)
	@test -x $(BIN)/sqlite-utils || $(BIN)/python -m pip install --quiet --editable '.[bench]'
	$(BIN)/python tests/bench/run.py --scale $(SCALE) --runs $(RUNS) --largest $(LARGEST) --to docs/benchmark.md

bench-before: $(DEV) ## The same commands by an older sqlfix and this one, in turn (BEFORE=checkout SCALE=0.1 RUNS=3)
	@test -x "$(BEFORE)/.venv/bin/sqlfix" || { echo "error: name a checkout in which make was run: BEFORE=path" >&2; exit 1; }
	$(BIN)/python tests/bench/before.py "$(BEFORE)" --scale $(SCALE) --runs $(RUNS)

bench-repair: $(DEV) ## Measure how much of damaged data a repair gives back, into docs/bench-repair.md (a quarter of an hour)
	$(BIN)/python tests/bench/repairs/run.py --to docs/bench-repair.md

bench-backfill: $(DEV) ## Measure a backfill of as many rows as you say (ROWS="100000 1000000")
	$(BIN)/python tests/bench/backfill.py $(ROWS)

bench-alter: $(DEV) ## Measure a change of the schema against a VACUUM INTO, in files of so many MB (SIZES="100 1000")
	$(BIN)/python tests/bench/alter.py $(SIZES)

wheel: $(VENV) ## Build the wheel into dist/
	$(BIN)/python -m pip wheel --no-deps --wheel-dir dist .

clean: ## Remove all that make has made
	rm -rf .venv build dist demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV):
	@for python in $(PYTHON); do \
	    if "$$python" -c 'import sqlite3, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        echo "$$python -m venv .venv"; \
	        "$$python" -m venv --clear .venv && touch $@; exit $$?; \
	    fi; \
	done; \
	echo "error: no Python 3.11 or newer with the sqlite3 module; tried: $(PYTHON)" >&2; \
	echo "hint: install one, or name it with make PYTHON=path" >&2; \
	exit 1

# Installed to be edited, so that only these two files make it stale.
$(APP): $(VENV) pyproject.toml sqlfix/__init__.py
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(DEV): $(VENV) pyproject.toml sqlfix/__init__.py
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[dev]'
	@$(BIN)/python -m compileall -qq -j 0 -x '/mypyc?/' .venv/lib || true  # pip would compile it all in one process
	@touch $(APP) $@

# Echo a command as a terminal would and run it. It may exit with 1 or 3 (findings, or findings left), but a traceback,
# which exits with 1 too, is a failure.
define show
@printf '\n$$ %s\n' '$(1)'
@status=0; $(BIN)/$(1) 2>demo/stderr || status=$$?; cat demo/stderr >&2; \
case $$status in 0|1|3) ! grep -q '^Traceback' demo/stderr;; *) exit $$status;; esac
endef
