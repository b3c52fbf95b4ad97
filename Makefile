# Sets up .venv from requirements.lock and runs things in it. To start afresh: rm -r .venv
PYTHON ?= python3
UV ?= uv

BIN := .venv/bin
READY := .venv/ready

ifneq ($(words [$(CURDIR)]),1)
$(error Snakemake cannot run scripts from a path with a space in it: move '$(CURDIR)')
endif

# What the caller's shell has set up must not reach into the builds; what .venv has, must.
unexport PYTHONHOME PYTHONPATH
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: all test test-all lint docs lock

all: $(READY)
	$(BIN)/snakemake --cores all

test: $(READY)
	$(BIN)/python -m pytest -n auto -m "not long"

test-all: $(READY)
	$(BIN)/python -m pytest -n auto --hypothesis-profile=long

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules songs
	$(BIN)/snakemake --lint

docs: $(READY)
	$(BIN)/python scripts/make_docs.py

# Always from nothing, stamped last: a .venv has what the lock says and no more, or is not ready.
$(READY): requirements.lock
	@$(PYTHON) -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null || { \
	  echo "Stemwright needs Python 3.11 or 3.12 with venv (Debian: apt install python3-venv)." >&2; \
	  echo "'$(PYTHON)' is not that; choose another: make PYTHON=python3.12" >&2; \
	  exit 1; }
	@echo "Setting up .venv (about half a minute, only when requirements.lock is new)"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

# Keeps the pins that still fit; to renew them all: make lock UPGRADE=--upgrade
# One version of each package for all Pythons (fewest), so that the same song is the same bytes.
lock:
	$(UV) pip compile --quiet --no-config --universal --fork-strategy fewest --group dev --generate-hashes $(UPGRADE) \
	  --no-emit-index-url --no-emit-find-links --annotation-style line --custom-compile-command "make lock" \
	  pyproject.toml --output-file requirements.lock
