# The whole project in two commands: `make run` and `make test`.
PYTHON ?= python3
PORT ?= 8080
BIN := .venv/bin
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet

.PHONY: run test lint bench chaos lock ci-tools clean

run: .venv/run.stamp
	@DATAMINER_ANONYMOUS=1 exec $(BIN)/dataminer serve --port $(PORT)

test: .venv/dev.stamp lint
	@$(BIN)/pytest -n 2 --dist loadgroup

lint: .venv/dev.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/dev.stamp
	@$(BIN)/python -m benchmarks

chaos: .venv/dev.stamp
	@$(BIN)/python -m tests.acceptance.chaos

lock: .venv/dev.stamp
	$(BIN)/$(LOCK) pyproject.toml -o requirements.lock
	$(BIN)/$(LOCK) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock

# What only CI needs beside Python: other languages and a browser.
ci-tools:
	deploy/ci-tools

clean:
	rm -rf .venv

.venv/bin/python:
	@$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing the engine into .venv …"
	@$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml | .venv/run.stamp
	@echo "Installing the tools of the tests into .venv …"
	@$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@
