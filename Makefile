# `make demo` and `make test` need Git, make and Python 3.11 or newer, and nothing else.

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,\
    $(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $(name))))
VENV ?= .venv
BIN := $(VENV)/bin
PARIBUS := $(BIN)/paribus

# One thread for each run, so that two runs side by side do not fight for two cores.
export OMP_NUM_THREADS ?= 1

.PHONY: help demo test test-all lint bench docs clean

help:
	@echo "make demo      measure a baseline and two experiments on real data, promote one"
	@echo "make test      the tests, without the slow ones"
	@echo "make test-all  all tests"
	@echo "make lint      ruff, mypy and import-linter"
	@echo "make bench     side by side with DVC"
	@echo "make docs      make the pictures of docs/ anew (a quarter of an hour; needs Chromium)"
	@echo "make clean     remove the virtual environment and caches"

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and was not found on PATH" >&2; exit 2; }
	"$(PYTHON)" -m venv $(VENV)
	touch $@

$(VENV)/.demo: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[demo]'
	touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	$(BIN)/python -m compileall -q src/paribus
	touch $@ $(VENV)/.demo

# A command of the demo: printed as a person would type it, then run.
type = @echo && echo '$$ $(1)' && PATH="$(abspath $(BIN)):$$PATH" $(1)

# The id of the experiment that improved.
improved = $(PARIBUS) log --verdict improved --jsonl | sed -n '1s/.*"experiment": "\(....\).*/\1/p'

demo: $(VENV)/.demo
	$(call type,paribus baseline --measure --jobs 2)
	$(call type,paribus run -S train.C=2.5 -m "less fitting to wrong labels" --jobs 2)
	$(call type,paribus run -S train.components=800 -m "closer to the exact kernel" --jobs 2)
	@id=$$($(improved)); echo; echo "$$ paribus promote $$id --jobs 2"; $(PARIBUS) promote $$id --jobs 2
	$(call type,paribus status)
	$(call type,paribus log)
	$(call type,paribus report)

test: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses auto -m "not slow"

test-all: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses auto

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/bench.py

docs: $(VENV)/.dev
	$(BIN)/python -B docs/pictures/make.py
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -B docs/pictures/notebook.py

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist build
