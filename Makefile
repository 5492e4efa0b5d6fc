# One stamp holds the set-up; every target depends on it, so nothing is installed by hand.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready
BENCH  := .venv-bench
ROOMS  := cli explore fakes loadtests report results scenarios sim texts

REFERENCE := results/launch-2023-02
page = $(BIN)/python -c 'from pathlib import Path; from report import build_report; run = Path("$(1)"); build_report([run, run / "load", run / "matrix"], pictures=False)'

.PHONY: help setup demo test test-postgres lint types fix docs national reference verify bench bench-fakes bench-load bench-explore prove fuzz fuzz-fakes soak lock clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

setup: $(STAMP) ## create .venv with the locked dependencies

$(STAMP): requirements.txt requirements-uv.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --require-hashes -r requirements-uv.txt \
		&& $(BIN)/uv pip sync -q --require-hashes requirements.txt --python $(BIN)/python \
		|| $(BIN)/python -m pip install -q --require-hashes -r requirements.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation --no-index -e .
	@# Every start would translate some two thousand files anew where Python may not write beside them as it reads.
	-@$(BIN)/python -m compileall -q -j 0 -x '/tests?/' $(VENV)/lib $(ROOMS) >/dev/null 2>&1
	@touch $(STAMP)

demo: $(STAMP) ## simulate the ward before and after the launch, and write the report
	$(BIN)/hikkoshi compare scenarios/before.toml scenarios/launch.toml --replications 100

test: $(STAMP) lint types ## lint, types, rooms and every test
	$(BIN)/pytest -n 2

test-postgres: $(STAMP) ## the tests of the fake systems again, with their stores on a PostgreSQL server of their own
	HIKKOSHI_TESTS_ON=postgresql $(BIN)/pytest -n 2 tests/fakes

lint: $(STAMP) ## style, format and the arrows between rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(STAMP) ## strict types on the whole tree
	$(BIN)/mypy

fix: $(STAMP) ## mend style and format where a machine can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(STAMP) ## fill the computed parts of docs/ again: drawings of flows and states, tables of inputs
	$(BIN)/python -m sim.documents
	$(BIN)/python -m fakes.documents

national: $(STAMP) ## run the country's reference study and its variants again, for docs/national.md (about 15 minutes)
	rm -rf .cache/national
	$(BIN)/hikkoshi study national --quiet --out .cache/national
	$(BIN)/python -m sim.national.reference .cache/national/national_march/*
	rm -rf results/national-2023-03 && mv .cache/national/national_march/* results/national-2023-03
	$(BIN)/python -m sim.documents

reference: $(STAMP) ## run the ward's reference comparison and load test again, after a change of the model or the page (about 4 minutes)
	rm -rf .cache/reference
	$(BIN)/hikkoshi compare before launch --replications 20 --what-if --quiet --out .cache/reference
	$(BIN)/hikkoshi load launch --duration 60s --tls --quiet --out .cache/reference
	mv .cache/reference/before_vs_launch/* .cache/reference/whole
	$(BIN)/python -m results.excerpt .cache/reference/launch_load/* .cache/reference/whole/load verdict timeline findings servers scenario
	cp -r $(REFERENCE)/README.md $(REFERENCE)/matrix .cache/reference/whole
	$(call page,.cache/reference/whole)
	rm -rf $(REFERENCE) && mv .cache/reference/whole $(REFERENCE)

verify: $(STAMP) ## the engine against queueing theory, all families
	$(BIN)/hikkoshi verify

bench: $(BENCH)/.ready ## the engines against SimPy, Ciw, salabim, cimba and hand-written loops (about 15 minutes)
	MALLOC_TRIM_THRESHOLD_=4000000000 MALLOC_MMAP_THRESHOLD_=2000000000 $(BENCH)/bin/python -m bench

bench-fakes: $(STAMP) ## the portal on one core against its targets and a bare echo (needs wrk; 3 minutes)
	$(BIN)/python -m bench.fakes

bench-load: $(STAMP) ## what the generator of the load test costs and holds, and what it sees of a standstill (needs two cores; 8 minutes)
	$(BIN)/python -m bench.load

bench-explore: $(STAMP) ## how long an answer of the page of explore takes, over different changes (2 minutes)
	$(BIN)/python -m bench.explore

$(BENCH)/.ready: requirements-bench.txt $(STAMP)
	test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	$(BIN)/uv pip sync -q --require-hashes requirements-bench.txt --python $(BENCH)/bin/python \
		|| $(BENCH)/bin/python -m pip install -q --require-hashes -r requirements-bench.txt
	@touch $@

SECONDS ?= 60
fuzz: $(STAMP) ## random programs on both engines, for SECONDS=60
	$(BIN)/python -m tests.fuzz $(SECONDS)

prove: $(STAMP) ## the detection matrix: each seeded defect in a load test of its own, and twenty without any, kept for docs/load_matrix.md and the reference (40 minutes)
	rm -rf .cache/prove
	$(BIN)/hikkoshi load --prove --clean-runs 20 --out .cache/prove
	mkdir -p $(REFERENCE)/matrix && cp .cache/prove/load_matrix/*/matrix.json $(REFERENCE)/matrix/
	$(BIN)/python -m loadtests.documents
	$(call page,$(REFERENCE))

fuzz-fakes: $(STAMP) ## Schemathesis over the three fake systems, for SECONDS=60
	$(BIN)/python -m tests.fakes.openapi $(SECONDS)

KILLS ?= 50
soak: $(STAMP) ## kill each fake system KILLS=50 times at random moments under load, and reconcile (about 4 minutes)
	$(BIN)/python -m tests.fakes.soak $(KILLS)

lock: $(STAMP) ## resolve the dependencies again (needs the network)
	$(BIN)/python -m pip install -q --require-hashes -r requirements-uv.txt
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --extra bench --constraint requirements.txt --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements-bench.txt

clean: ## remove the set-up and caches, keep results
	rm -rf $(VENV) $(BENCH) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .cache
