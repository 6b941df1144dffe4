# Dossier. `make demo` and `make test` set up what they need; `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo test check style types layers bench fuzz torture audit verify-data clauses lock clean set-up

RUN = .venv/bin/python -m

help:  ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 14

demo: set-up  ## run the product on real data until Ctrl-C
	@.venv/bin/dossier demo

test: set-up  ## all tests, with the seconds each folder took
	@$(RUN) pytest -q -n 2

check: style types layers test  ## what a change must pass

style: set-up  ## ruff: rules and layout
	@$(RUN) ruff check . && $(RUN) ruff format --check .

types: set-up  ## mypy, strict
	@$(RUN) mypy

layers: set-up  ## who may import whom
	@.venv/bin/lint-imports

bench: set-up  ## appends, catch-up, imports, due times, keys, gate, erasure; the limit and the peers; JSON in var/bench
	@$(RUN) tests.bench && $(RUN) tests.bench.working_time && $(RUN) tests.bench.timekeeper && $(RUN) tests.bench.keys && $(RUN) tests.bench.gate && $(RUN) tests.bench.erasure

fuzz: set-up  ## every property with fifty times the examples; TIMES=500 for more
	@DOSSIER_FUZZ=$(or $(TIMES),50) $(RUN) pytest -q -n 2 -m hypothesis

torture: set-up  ## what takes minutes: promises against counting minutes; whether times of answers tell who exists
	@$(RUN) tests.torture.promises && $(RUN) tests.torture.existence_oracle

audit: set-up  ## look the locked packages up among known vulnerabilities
	@$(RUN) tools.audit

verify-data: set-up  ## import DATA=DIR afresh and compare the projections with REFERENCE=DIR
	@$(RUN) infra.verify_data "$(DATA)" "$(REFERENCE)"

clauses: set-up  ## run the tests of clauses and write down what they show of each
	@DOSSIER_CLAUSES=infra/clauses/evidence.csv $(RUN) pytest -q -m clause

lock: set-up  ## resolve requirements.lock anew from pyproject.toml
	@$(RUN) pip install --quiet uv
	@$(RUN) uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --group dev pyproject.toml -o requirements.lock

clean:  ## remove caches and what tests left; data and .venv stay
	@rm -rf var/test dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find domain commands projections queries infra tests tools -name __pycache__ -prune -exec rm -rf {} +

# The newest Python of those that Dossier supports which really runs and can make environments.
set-up:
	@.venv/bin/python -I -S tools/set_up.py --check 2>/dev/null && exit 0; \
	for python in python3.13 python3.12 python3.11 python3 python; do \
		command -v "$$python" >/dev/null || continue; \
		if why=$$("$$python" -c 'import sys, venv, ctypes, ssl; \
			sys.exit(None if sys.version_info >= (3, 11) else "it is older than 3.11")' 2>&1); \
		then exec "$$python" tools/set_up.py; fi; \
		echo "$$python is passed over: $$(echo "$${why:-it does not run}" | grep -vm1 "^Traceback\|^ ")" >&2; \
	done; \
	echo "Dossier needs Python 3.11 or later with venv: apt-get install python3 python3-venv" >&2; exit 1
