# The commands of the project; `make help` lists them. All that `run` and `test` need is Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
HOST ?= 127.0.0.1
PORT ?= 8000
DATA_DIR ?= $(CURDIR)/var
WORKERS ?= 2
FUZZ_EXAMPLES ?= 500
AXE ?=
export HOST PORT DATA_DIR WORKERS AXE
unexport PYTHONDONTWRITEBYTECODE  # each of the tests' processes would compile everything anew

.PHONY: help run test services test-stack test-chaos fuzz check bench schema-snapshot messages constraints
help:  ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: .venv/installed-run  ## serve web, worker and scheduler until Ctrl-C; an empty database plays a demo first
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py fetch_models --at-start
	@exec $(BIN)/supervisord --configuration pickeez_site/serving/supervisord.conf

test: .venv/installed-dev  ## run every test that needs no outside service
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder \
		--ignore-glob='*/test_fuzz.py'

services: .venv/installed-dev  ## check whether PostgreSQL, Redis and RabbitMQ answer on their standard ports
	@$(BIN)/python -m pickeez_site.tests.services --check

test-stack: .venv/installed-dev  ## run the apps' tests on PostgreSQL, and the whole stack with S3, Redis and RabbitMQ
	$(BIN)/python -m pickeez_site.tests.services core accounts albums photos faces profiles \
		-m "database and not stack and not services and not chaos and not real_engine" \
		--numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
	$(BIN)/pytest -m services --numprocesses 2 --dist load

test-chaos: .venv/installed-dev  ## test kills and outages, one after the other, for about half an hour
	$(BIN)/pytest -m "chaos or services" -p no:randomly pickeez_site

fuzz: .venv/installed-dev  ## send random requests made from each API's schema, 500 for each route and kind of caller
	FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/pytest --numprocesses auto --maxprocesses 4 pickeez_site/dialects/*/tests/test_fuzz.py

check: .venv/installed-dev  ## check style, types, migrations, and Django's own list for a production server
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/python manage.py makemigrations --check --dry-run
	PUBLIC_URL=https://photos.example SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
		$(BIN)/python manage.py check --deploy --tag security --fail-level WARNING

bench: .venv/installed-dev  ## measure speed and memory, as ratios; BENCH=small only checks that every measurement runs
	$(BIN)/python -m bench

schema-snapshot: .venv/installed-dev  ## write the APIs' schemas to the files with which a test compares them
	$(BIN)/python -m pickeez_site.tests.schema_snapshot

messages: .venv/installed-dev  ## bring the gallery's translations up to date with its texts, and compile them
	$(BIN)/python -m pickeez_site.gallery.tests.catalogues

screenshots: .venv/installed-dev  ## make the pictures of the README from the demo; needs Chromium
	$(BIN)/python -m pickeez_site.tests.screenshots

gallery-check: .venv/installed-dev  ## look at every page of the gallery as Lighthouse would; AXE=axe.min.js adds axe-core
	$(BIN)/python -m pickeez_site.tests.gallery_check

constraints: .venv/installed-dev  ## write the installed versions to constraints.txt
	(head -1 constraints.txt; $(BIN)/pip freeze --all) > constraints.new && mv constraints.new constraints.txt

.venv/bin/python:
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -qq --disable-pip-version-check --upgrade pip setuptools -c constraints.txt

.venv/installed-run: requirements.txt requirements-web.txt constraints.txt | .venv/bin/python
	@echo "Installing the server's packages; the first time takes a minute or two."
	@$(BIN)/pip install -qq --disable-pip-version-check -r requirements.txt -c constraints.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt requirements-dlib.txt .venv/installed-run
	@echo "Installing the packages of the tests."
	@$(BIN)/pip install -qq --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	@touch $@
