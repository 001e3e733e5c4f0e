# DataElec. `make demo` and `make test` each work from a fresh clone; `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready
# Older engines, as BI drivers embed them: a test opens the served file with each.
READERS := 1.4.4 1.2.2

.PHONY: help setup demo test test-quick coverage check format lock generate docs bench release dev superset beyond spark test-beyond test-spark clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

setup: $(READY) ## make .venv with the locked dependencies, compiled, the parse of the dbt project and its empty warehouse

$(READY): requirements/bootstrap.txt requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed: install one, or run make PYTHON=/path/to/python"; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode \
	  requirements/bootstrap.txt requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q -j 0 dataelec_assets
	@$(BIN)/python -m dataelec_assets.warehouse.prepare & parse=$$!; for v in $(READERS); do \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --target .venv/readers/$$v \
	    -r requirements/duckdb-$$v.txt || exit 1; done; wait $$parse
	@touch $(READY)

demo: ## refresh everything from synthetic files, offline, and show a few answers
	@start=$$(date +%s.%N); $(MAKE) --no-print-directory setup && middle=$$(date +%s.%N) && \
	$(BIN)/dataelec demo && end=$$(date +%s.%N) && \
	awk -v a=$$start -v b=$$middle -v c=$$end 'BEGIN { t = c - a; \
	printf "Time: %.0f s, of which installing %.0f %% and our own work %.0f %%.\n", t, 100 * (b - a) / t, 100 * (c - b) / t }'

# Files side by side, in one process more than cores: some wait for Dagster's daemon or for a browser. Each process and
# each program that a test starts reads bytecode that is kept.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest --dist loadscope --no-loadscope-reorder -n $(shell echo $$(( $$(nproc 2>/dev/null || echo 2) + 1 )))

test: $(READY) ## run every test; ARGS="-n 0 -k name" runs some, one after the other
	$(PYTEST) $(ARGS)

test-quick: $(READY) ## run the tests that need no build, no browser and no Dagster: to run while you write
	$(PYTEST) -m "not slow and not build" $(ARGS)

EXACT = $(shell $(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["tool"]["dataelec"] \
	["covered_to_the_last_line"], sep=",")')

coverage: $(READY) ## run every test and measure which lines of the package they reach
	$(PYTEST) --cov --cov-report= $(ARGS)
	$(BIN)/coverage report
	$(BIN)/coverage report --fail-under=100 --include="$(EXACT)"

check: $(READY) ## lint, types, SQL style, arrows between packages, generated files, lock files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 0 dbt/models dbt/tests
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m dataelec_assets.generate --check
	@! grep -nE '(https?|file)://' requirements/*.txt || { echo "a lock file holds an address"; exit 1; }

format: $(READY) ## format Python and SQL
	$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .
	$(BIN)/sqlfluff fix --quiet dbt/models dbt/tests

generate: $(READY) ## write the files that are derived from the catalogue
	$(BIN)/python -m dataelec_assets.generate

docs: $(READY) ## write the documentation of the tables and queries as one page, from the last refresh
	$(BIN)/dataelec docs

release: $(READY) ## build wheel, sdist, sample publications and checksums in dist/; FROM=DIR adds one of published files
	$(BIN)/python -m dataelec_assets.release dist $(FROM)

# One of the references, and no dependency of ours: it stays out of the environment.
.venv/dlt: $(READY) requirements/dlt.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --target .venv/dlt -r requirements/dlt.txt

bench: $(READY) .venv/dlt ## measure speed and memory as ratios; writes benchmarks/README.md
	$(BIN)/python -m benchmarks $(PARTS)

dev: $(READY) ## start the Dagster UI on port 3000
	$(BIN)/dataelec dev

# Beside Superset and its engine for DuckDB: what Superset imports and does not declare (rich, cachetools, pillow), and the last
# version that it works with (flask-caching). DuckDB 2.0 is newer than its engine has been tried with.
SUPERSET_NEEDS := apache-superset==6.1.0 duckdb-engine==0.17.0 'duckdb>=1.5.6,<2' flask-caching==2.3.1 rich cachetools pillow
# Superset contradicts our dependencies: it has an environment of its own.
SUPERSET ?= .venv/superset

$(SUPERSET)/.ready: requirements/superset.txt | $(READY)
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(SUPERSET)
	$(BIN)/uv pip sync --quiet --python $(SUPERSET)/bin/python --require-hashes --compile-bytecode requirements/superset.txt
	@touch $@

superset: $(SUPERSET)/.ready ## start Superset with its dashboards on port 8088; ARGS="--port 8089"
	@$(BIN)/python -m dataelec_assets.commands.superset $(SUPERSET) $(ARGS)

# What serves more than one machine (docs/scale.md), with the servers that its tests ask: the environment of `make setup`
# and the extras bucket, iceberg, spark, cluster and servers.
BEYOND ?= .venv/beyond

# Beside it DuckDB 1.5, the last one whose extension for Iceberg is a package: a test reads tables with it.
$(BEYOND)/.ready: requirements/beyond.txt requirements/duckdb-iceberg.txt | $(READY)
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(BEYOND)
	$(BIN)/uv pip sync --quiet --python $(BEYOND)/bin/python --require-hashes --compile-bytecode requirements/bootstrap.txt \
	  requirements/beyond.txt
	$(BIN)/uv pip install --quiet --python $(BEYOND)/bin/python --no-deps --no-build-isolation --editable .
	$(BIN)/uv pip install --quiet --python $(BEYOND)/bin/python --require-hashes --target $(BEYOND)/duckdb-iceberg \
	  -r requirements/duckdb-iceberg.txt
	@touch $@

beyond: $(BEYOND)/.ready ## install what serves more than one machine in .venv/beyond

spark: beyond ## install Spark, with all that serves more than one machine: .venv/beyond/bin/dataelec build --engine spark

test-beyond: $(BEYOND)/.ready ## run the tests of object storage, Iceberg, several machines and a selection on Spark
	$(BEYOND)/bin/python -m pytest -n 2 --dist loadscope -m "beyond and not whole" $(ARGS)

test-spark: $(BEYOND)/.ready ## run every test that builds the whole warehouse on Spark
	$(BEYOND)/bin/python -m pytest -n 0 -o faulthandler_timeout=0 -m "beyond and whole" $(ARGS)

lock: ## renew the lock files (hashes, no addresses)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" -c requirements/constraints.in pyproject.toml -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" --extra dev -c requirements/runtime.txt pyproject.toml -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" --extra dev --extra bucket --extra iceberg --extra spark --extra cluster \
	  --extra servers -c requirements/dev.txt pyproject.toml -o requirements/beyond.txt
	for v in $(READERS); do echo "duckdb==$$v" | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --custom-compile-command "make lock" - -o requirements/duckdb-$$v.txt; done
	printf '%s\n' duckdb==1.5.5 duckdb-extension-avro==1.5.5 duckdb-extension-httpfs==1.5.5 duckdb-extension-iceberg==1.5.5 | \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" - -o requirements/duckdb-iceberg.txt
	echo 'dlt' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" -c requirements/dev.txt - -o requirements/dlt.txt
	printf '%s\n' $(SUPERSET_NEEDS) | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --custom-compile-command "make lock" - -o requirements/superset.txt
	echo 'uv' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" - -o requirements/bootstrap.txt

clean: ## remove the environment and the demonstration's data, never the lake
	rm -rf .venv lake/demo
