# Every command of the project. `make help` lists them.
PORT ?= 8000
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup run test test-sqlite test-postgresql check format bench fan-out mail-down enumeration shots letters lock

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

setup: $(STAMP) ## Make .venv with the pinned packages and the ideas command

$(STAMP): requirements/base.txt requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

run: setup ## Serve the site with the demo community on 127.0.0.1 (PORT=8000)
	$(BIN)/ideas demo --if-empty
	BASE_URL=http://127.0.0.1:$(PORT) $(BIN)/ideas serve --port $(PORT)

test: setup ## Run all tests on SQLite and on PostgreSQL, in a real browser too
	$(BIN)/python -m tests.servers.install
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --database sqlite
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --database postgresql -m "not once"

test-sqlite: setup ## Run all tests on SQLite only
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --database sqlite

test-postgresql: setup ## Run the tests on PostgreSQL only
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --database postgresql -m "not once"

check: setup ## Check style, types, directions, templates and migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/architecture

format: setup ## Bring the code into the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## Measure the speed against floors of the same run, into build/bench.json
	$(BIN)/python -m tests.load.bench

fan-out: setup ## Measure how quickly many followers are told, and what readers notice, into build/fan_out.json
	$(BIN)/python -m tests.load.fan_out

mail-down: setup ## Measure what readers notice of a mail server that is away or slow, into build/mail_down.json
	$(BIN)/python -m tests.load.mail_down

enumeration: setup ## Measure whether the time of an answer tells who has an account or what is hidden, into build/enumeration.json
	$(BIN)/python -m tests.load.enumeration

shots: setup ## Take screenshots of the main pages into build/shots
	$(BIN)/python -m tests.browser.shots

letters: setup ## Take pictures of the mails into build/letters
	$(BIN)/python -m tests.browser.letters

lock: setup ## Pin the packages anew from requirements/*.in
	for name in base dev; do $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements/$$name.txt requirements/$$name.in; done
