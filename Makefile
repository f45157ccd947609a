# Two commands do all the set-up: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/sh
# A version manager's shim may be on the PATH and fail, so each candidate is run, not just looked for.
PYTHON := $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 /usr/bin/python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
BIN := .venv/bin
CLI := $(BIN)/litestar --app app:create_app
export UV_PYTHON_DOWNLOADS = never

.PHONY: drill help run demo test check unit test-postgres e2e hours chaos concurrency abuse audit smpp screens lock settings clean bench

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

.venv/ready: requirements-dev.lock
	@test -n "$(PYTHON)" || { echo "Нужен Python 3.11 или новее с venv: apt-get install python3 python3-venv"; exit 2; }
	@if [ ! -L .venv ]; then $(PYTHON) -m venv .venv; fi
	@if command -v uv >/dev/null 2>&1; then \
		uv pip install -q --python $(CURDIR)/.venv/bin/python --require-hashes -r requirements-dev.lock; \
	else $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock; fi
	@touch .venv/ready

run: .venv/ready  ## the cabinet with demonstration data, opened in a browser
	@CABINET_DEMO=1 $(BIN)/python -m commands.run

demo: .venv/ready  ## only fill the file with demonstration data
	@CABINET_DEMO=1 $(CLI) demo fill

test: check unit e2e  ## everything: style, types, unit, HTTP and browser tests

check: .venv/ready  ## style, templates' indents and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djhtml --check --tabwidth 2 partials
	$(BIN)/mypy

# The last tests of a run are taken from a busy worker by an idle one: the slow ones lie together.
UNIT = $(BIN)/pytest tests -p no:playwright -n 2 --dist worksteal
unit: .venv/ready  ## rules and HTTP
	$(UNIT)

test-postgres: .venv/ready  ## the unit suite on a throw-away PostgreSQL (Debian's package)
	$(BIN)/python -m tests.kit.server $(UNIT)

E2E = $(BIN)/pytest e2e -n 2 --dist worksteal
e2e: .venv/ready  ## stories in Chromium, with JavaScript and without
	$(E2E)

# Moscow's: before and after a midnight that ends a day, a month, February of a leap year, a year.
HOURS ?= 2026-11-24T23:56 2026-11-25T00:10 2026-11-30T23:56 2026-12-31T23:56 2027-01-01T00:10 2027-01-31T12:00 2028-02-29T00:10 2028-02-29T23:56
hours: .venv/ready  ## both suites begun where days, months and years meet; HOURS="2028-02-29T00:10" for some of them
	@failed=; for at in $(HOURS); do echo "== $$at"; \
	TESTS_AT=$$at $(UNIT) || failed="$$failed $$at:unit"; \
	TESTS_AT=$$at $(E2E) || failed="$$failed $$at:e2e"; \
	done; test -z "$$failed" || { echo "Не прошли:$$failed"; exit 1; }

KILLS ?= 200
chaos: .venv/ready  ## kill, starve and mislead a live cabinet; KILLS=20 for a short one
	$(BIN)/python -m checks.chaos kills faults sync --kills $(KILLS)

audit: .venv/ready var/audit/ready  ## what axe, vnu and Lighthouse say of every page: docs/audit.md (npm, node, Java)
	$(BIN)/python -m checks.audit

var/audit/ready: checks/audit/package-lock.json
	@command -v npm >/dev/null && command -v java >/dev/null || { echo "Нужны node, npm и Java: apt-get install npm default-jre-headless"; exit 2; }
	@mkdir -p var/audit && cp checks/audit/package.json checks/audit/package-lock.json var/audit/
	npm ci --prefix var/audit --ignore-scripts --no-fund --no-audit
	@touch $@

smpp: .venv/ready var/smpp/ready  ## our SMS against an SMPP centre that is not ours (npm, node)
	$(BIN)/python -m checks.chaos smpp

var/smpp/ready: checks/chaos/package-lock.json
	@command -v npm >/dev/null || { echo "Нужны node и npm: apt-get install npm"; exit 2; }
	@mkdir -p var/smpp && cp checks/chaos/package.json checks/chaos/package-lock.json var/smpp/
	npm ci --prefix var/smpp --ignore-scripts --no-fund --no-audit
	@touch $@

screens: .venv/ready  ## photograph every screen into docs/screens (poppler is not needed, Chromium is)
	$(BIN)/python -m checks.audit.screens

concurrency: .venv/ready  ## a thousand callbacks, fifty posts, two who decide, sixty writers at one moment
	$(BIN)/python -m checks.chaos storms

CASES ?= 100000
abuse: .venv/ready  ## hostile visitors of a cabinet that runs without rights, ten thousand slow ones; CASES=2000 for a short fuzzing
	$(BIN)/python -m checks.chaos abuse slow --cases $(CASES) $(if $(ENGINE),--engine $(ENGINE))

PEERS = var/bench/peers
$(PEERS)/ready: checks/bench/requirements.txt
	@test -n "$(PYTHON)" && mkdir -p var/bench && $(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install -q --disable-pip-version-check -r checks/bench/requirements.txt && touch $(PEERS)/ready

bench: .venv/ready $(PEERS)/ready  ## every budget measured, in one table and docs/bench.md; SHORT=1 for some minutes
	$(BIN)/python -m checks.bench --peers $(PEERS) $(if $(SHORT),--short)

PIN = uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-annotate --no-header -q pyproject.toml
drill: .venv/ready  ## lose the machine, restore from a copy, sign in: how long, what was lost
	$(BIN)/python -m checks.bench.drill

lock:  ## pin every dependency with hashes after a change in pyproject.toml
	$(PIN) -o requirements.lock
	$(PIN) --extra postgres -o requirements-postgres.lock
	$(PIN) --group dev -o requirements-dev.lock

settings: .venv/ready  ## write the table of settings into README.md
	$(BIN)/python -m commands.table

clean:  ## forget the environment and the demonstration's file
	rm -rf .venv var
