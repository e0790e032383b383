# nextclose: `make demo` and `make test` need nothing but Python 3.11-3.13 and make.
PYTHON ?= python3
PORT ?= 4200
KAFKA_PORT ?= 9092
SYMBOL ?= IBM
BIN := .venv/bin
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1
# Old zone data of the system must not win over the tzdata package.
export PYTHONTZPATH :=
# Without compiled bytecode the first import of Prefect takes five seconds longer.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo forecast test torture bench pictures up down kafka kafka-stop lint format lock clean

help:  ## Show the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */\1|/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) .ci/check_python.py
	@echo "nextclose: installing into .venv (once; a minute or two)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: .venv/.ready  ## Play 20 sessions of real sample prices, with mails in .nextclose/demo/outbox
	@$(BIN)/nextclose demo

forecast: .venv/.ready  ## Forecast one symbol: make forecast SYMBOL=IBM
	@$(BIN)/nextclose forecast $(SYMBOL)

test: .venv/.ready  ## Run the whole test suite
	@$(BIN)/python -m pytest -n 6 --max-worker-restart 0

torture: .venv/.ready  ## The long forms of the tests: faults, simulations, statistics
	@$(BIN)/python -m pytest -m "torture or not torture" --override-ini addopts= -ra

bench: .venv/.ready  ## Measure speed beside the alternatives
	@$(BIN)/python -m tests.bench

pictures: .venv/.ready  ## Take the documentation's pictures of Prefect's UI anew (needs Chromium)
	@$(BIN)/python -m tests.browser.pictures

up: .venv/.ready  ## Start Prefect's server and worker, deploy, print the UI's address
	@$(BIN)/nextclose up --port $(PORT)

down: .venv/.ready  ## Stop all that `make up` started
	@$(BIN)/nextclose down

kafka: .venv/.ready  ## Start a durable Apache Kafka on this machine (needs Java 17 and Maven), print its address
	@$(BIN)/nextclose kafka --port $(KAFKA_PORT)

kafka-stop: .venv/.ready  ## Stop it; its records are kept
	@$(BIN)/nextclose kafka-stop

lint: .venv/.ready  ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: .venv/.ready  ## Let ruff rewrite the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: .venv/.ready  ## Resolve requirements.lock anew (needs uv); no registry address is written
	uv pip compile --universal --python-version 3.11 --generate-hashes --group dev pyproject.toml \
	  --no-header --no-annotate --quiet -o requirements.lock

clean:  ## Remove the environment and the caches, never .nextclose
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache
