# Every target sets up what it needs; the second time it finds that nothing is to be done.
# PYTHON may name an interpreter; else the first of these that is 3.11, 3.12 or 3.13 is taken.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$p && break; done)
UV_VERSION := 0.13.9
BIN := .venv/bin
SHOP ?=
PART ?=
KIND ?= all
N ?=
EXTRA_ARGS ?=

.PHONY: help setup demo test coverage unit lint format serve bench prove faults contracts release lock clean

help:  ## Show the targets.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/uv:
	@test -n "$(PYTHON)" || { echo "almanac: no Python 3.11, 3.12 or 3.13 found: install one or set PYTHON=..."; exit 1; }
	@echo "making .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv
	@if command -v uv >/dev/null 2>&1; then ln -sf "$$(command -v uv)" $@; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); fi
	@touch -c $@

.venv/core.stamp: requirements/core.txt pyproject.toml | $(BIN)/uv
	@if [ .venv/dev.stamp -nt requirements/dev.txt ] && [ .venv/dev.stamp -nt pyproject.toml ]; then :; else \
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --compile-bytecode requirements/core.txt && \
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable . && rm -f .venv/dev.stamp; fi
	@touch $@

.venv/dev.stamp: requirements/dev.txt pyproject.toml | $(BIN)/uv
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --compile-bytecode requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@ && touch .venv/core.stamp

setup: .venv/core.stamp  ## Set up what a refresh needs.

demo: .venv/core.stamp  ## A simulated shop from nothing to its graded report; SHOP=online_retail: a real one.
	@$(BIN)/almanac demo $(SHOP)

test: .venv/dev.stamp  ## Run all tests, on two processes.
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 25

# SlipCover would read the floor before the processes that share the tests have been merged: it is read afterwards.
coverage: .venv/dev.stamp  ## Run all tests and print what of the code they run; fails below the floor in pyproject.toml.
	@made=$$(mktemp -d) && trap 'rm -rf "$$made"' EXIT && \
	$(BIN)/python -m slipcover --fail-under 0 --json --out "$$made/ran.json" \
		-m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 25 && \
	$(BIN)/python -m slipcover --merge "$$made/ran.json" --out "$$made/merged.json"

unit: .venv/dev.stamp  ## Run the unit tests only (under a minute).
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow and not faults and not browser and not postgres and not spark"

lint: .venv/dev.stamp  ## Check style, types, SQL, imports, dependencies, and that changed contracts say so.
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports && \
	$(BIN)/python -m linters.dependencies && $(BIN)/sqlfluff lint --processes 2 dbt_project && \
	$(BIN)/python -m linters.portable_sql && \
	$(BIN)/almanac contracts check

format: .venv/dev.stamp  ## Bring Python and SQL into form.
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format . ; $(BIN)/sqlfluff fix dbt_project

serve: .venv/core.stamp  ## Dagster's UI and daemon on 127.0.0.1:3000.
	@$(BIN)/almanac serve $(if $(SHOP),--shop $(SHOP))

bench: .venv/dev.stamp  ## Print how dear each part is, as ratios.
	@$(BIN)/python -m benchmarks

prove: .venv/dev.stamp  ## Measure the bars of one part (PART=refresh, models, trust, shop, faults) or of all; writes proof.json.
	@$(BIN)/python -m benchmarks.prove $(PART)

faults: .venv/dev.stamp  ## Carry out faults (KIND=kill, disk, damage, writer, memory, readers, service; N=how many; SHOP).
	@$(BIN)/python -m tests.faults $(KIND) $(N) $(if $(SHOP),--shop $(SHOP))

contracts: .venv/dev.stamp  ## Regenerate what follows from the contracts.
	@$(BIN)/python -m pipelines.contracts

release: .venv/dev.stamp  ## Make the present contracts the released ones, under VERSION or pyproject's; tells CHANGELOG.md.
	@$(BIN)/almanac contracts release $(VERSION)

lock: $(BIN)/uv  ## Resolve the locked requirements anew.
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		pyproject.toml -o requirements/core.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra dev -c requirements/core.txt pyproject.toml -o requirements/dev.txt

clean:  ## Remove the environment and the caches; homes stay.
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache build *.egg-info
