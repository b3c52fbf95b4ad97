# Sets up .venv from requirements.lock and runs things in it. To start afresh: rm -r .venv
PYTHON ?= python3
UV ?= uv

BIN := .venv/bin
INSTALLED := .venv/installed
READY := .venv/ready

ifneq ($(words [$(CURDIR)]),1)
$(error Snakemake cannot run scripts from a path with a space in it: move '$(CURDIR)')
endif

# What the caller's shell has set up must not reach into the builds; what .venv has, must. Our code is
# compiled once, not in each process.
unexport PYTHONHOME PYTHONPATH PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: all test test-all lint docs site bench lock

all: $(READY)
	$(BIN)/snakemake --cores all

test: $(READY)
	$(BIN)/python -m pytest -n auto -m "not long"

test-all: $(READY)
	$(BIN)/python -m pytest -n auto --hypothesis-profile=long

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=scripts $(BIN)/lint-imports --no-logo
	$(BIN)/snakefmt --check Snakefile workflow rules songs examples
	$(BIN)/snakemake --lint

docs: $(READY)
	$(BIN)/python scripts/make_docs.py

# Stamped only if what is installed loads on this system. What the system lacks does not undo the installation.
$(READY): $(INSTALLED)
	@$(BIN)/python scripts/check_libraries.py
	@touch $@

site: $(READY)
	$(BIN)/python scripts/make_site.py

# The document of the script that we are compared with is not in the repository: make bench SEED=PATH
bench: $(READY)
	$(BIN)/python bench/run.py $(if $(SEED),--seed "$(SEED)")

# Always from nothing, stamped last: a .venv has what the lock says and no more, or is not ready.
# But never through a link, nor where something stands that is not a venv: that is not ours to empty.
$(INSTALLED): requirements.lock
	@found=; \
	if [ -L .venv ]; then found="a link to '$$(readlink .venv)'"; \
	elif [ -d .venv ]; then [ -e .venv/pyvenv.cfg ] || [ -z "$$(ls -A .venv)" ] || found="a folder with something else in it"; \
	elif [ -e .venv ]; then found="no folder"; \
	fi; \
	[ -z "$$found" ] || { \
	  echo "'.venv' is in the way: it is $$found. Libraries are to be installed there, in a folder" >&2; \
	  echo "that is emptied first. Nothing was changed: move it away, and run make again." >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || { \
	  echo "Stemwright needs Python 3.11, 3.12 or 3.13 with venv (Debian: apt install python3-venv)." >&2; \
	  echo "'$(PYTHON)' is not that; choose another: make PYTHON=python3.13" >&2; \
	  exit 1; }
	@echo "Setting up .venv (about half a minute, only when requirements.lock is new)"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@# Else, while it imports Snakemake, Python looks for objects to free so often that each command takes 0.1 s more.
	@for folder in .venv/lib/python3*/site-packages; do \
	  [ ! -d "$$folder" ] || echo "import gc; gc.set_threshold(100_000, 20, 20)" > "$$folder/rare_collections.pth"; done
	@touch $@

# Keeps the pins that still fit; to renew them all: make lock UPGRADE=--upgrade
# One version of each package for all Pythons (fewest), so that the same song is the same bytes.
lock:
	$(UV) pip compile --quiet --no-config --universal --fork-strategy fewest --group dev --generate-hashes $(UPGRADE) \
	  --no-emit-index-url --no-emit-find-links --annotation-style line --custom-compile-command "make lock" \
	  pyproject.toml --output-file requirements.lock
