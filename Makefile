# The whole developer interface. Everything is set up in .venv on first use; only Python 3.10+ and make are needed.
# With a C compiler, .venv has the program compiled, as users get it. Targets of SOURCES run src/ as it stands.

PYTHON ?= python3
BIN := .venv/bin
UV_VERSION := 0.13.9
NODE := tests/clients/node
SYNC := $(BIN)/uv sync --quiet --frozen --inexact --no-install-project
SOURCES := PYTHONPATH=src $(BIN)/python
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help .venv demo test test-clients docs reference pictures wheel chaos load fuzz soak bench audit licences check fix clean

help: ## Show this list
	@grep -hE '^[a-z.-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

.venv: .venv/deps ## Set up the program in .venv, compiled where there is a C compiler
	@$(BIN)/python -m publishing.installing

.venv/deps: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "argo-proxy needs Python 3.10 or newer: make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@$(SYNC) --no-default-groups --group build --group demo --compile-bytecode
	@touch .venv/deps

.venv-pure: .venv/deps ## The same with the sources themselves, to edit and try at once
	@UV_PROJECT_ENVIRONMENT=.venv-pure $(BIN)/uv sync --quiet --frozen --python $(BIN)/python
	@touch .venv-pure

.venv/tools: .venv/deps
	@$(SYNC)
	@touch .venv/tools

demo: .venv ## One real chat request through the proxy to a simulated ARGO
	@$(BIN)/argo-proxy demo

test: .venv/tools ## All checks and tests, on every Python from 3.10 to 3.13 at hand
	@$(MAKE) --no-print-directory --jobs=2 check .venv
	$(BIN)/python tests/every_version.py

test-clients: .venv .venv/clients .venv-llama $(NODE)/node_modules ## The proxy used by the programs that people use
	$(BIN)/python -m pytest tests/clients --ignore=tests/clients/llama_index
	.venv-llama/bin/python -m pytest tests/clients/llama_index

docs: .venv .venv/docs ## The documentation as a site in site/, with its links, pictures and recipes tried
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict
	$(BIN)/python -m publishing.links site
	$(BIN)/python -m pytest tests/site

.venv/docs: .venv/tools
	@$(SYNC) --group docs
	@touch .venv/docs

chaos: .venv .venv/tools ## Ten thousand requests through all that can go wrong at the gateway
	$(BIN)/python -m tests.chaos

MINUTES ?= 30
soak: .venv .venv/tools ## Does anything grow in MINUTES of mixed load? (30)
	$(BIN)/python -m tests.chaos.soak --minutes $(MINUTES)

FUZZ_S ?= 300
fuzz: .venv .venv/tools ## Hostile input of every kind, for five minutes (FUZZ_S=..)
	@$(SYNC) --group fuzz || echo "atheris is not to be had for this machine"
	$(BIN)/python -m tests.fuzz $(FUZZ_S)

.venv/clients: .venv/tools
	@$(SYNC) --group agents
	@touch .venv/clients

.venv-llama: .venv/deps
	@UV_PROJECT_ENVIRONMENT=.venv-llama $(BIN)/uv sync --quiet --frozen --python $(BIN)/python --no-default-groups --group llama
	@touch .venv-llama

$(NODE)/node_modules: $(NODE)/package-lock.json
	@if command -v npm >/dev/null; then cd $(NODE) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && \
		touch node_modules; else echo "npm is not here: what runs on Node is left out"; fi

audit: .venv/tools ## Look for known vulnerabilities in what users get; left out without a network
	@$(BIN)/python tests/audit.py

TAG ?=
wheel: .venv/tools ## Build the packages into dist/, and see that version, changelog and TAG agree
	rm -rf dist
	$(BIN)/python -m hatchling build -d dist
	$(SOURCES) -m publishing.release dist $(TAG)

reference: .venv/tools ## Write the parts of README.md and docs/ anew that follow from the code
	@$(SOURCES) -m publishing.reference

pictures: .venv .venv/docs ## Make the pictures of terminal and browser in docs/pictures anew
	@$(BIN)/python -m publishing.pictures
	@$(BIN)/python -m publishing.page

licences: .venv/tools ## Write docs/licences.md anew
	@$(BIN)/python -m tests.licences

load: .venv .venv/tools ## What it bears: 500 streams, clients that do not read, large requests beside small; takes a minute
	$(BIN)/python -m benchmarks.load

export BENCH_ROUNDS ?= 5
bench: .venv .venv/tools ## What it costs, beside nginx and by size, in minutes (BENCH_ROUNDS=5); one part: make bench-limits, bench-tls..
	@for part in limits growth tls start; do $(BIN)/python -m benchmarks.$$part || exit 1; echo; done

bench-%: .venv .venv/tools
	@$(BIN)/python -m benchmarks.$*

check: .venv/tools ## Static checks: style, types, import rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/basedpyright
	PYTHONPATH=src $(BIN)/lint-imports

fix: .venv/tools ## Repair what can be repaired by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## Remove everything that make has made
	rm -rf .venv .venv-pure .venv-3.* .venv-llama .venv-audit $(NODE)/node_modules .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist build site
