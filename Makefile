# The few commands that people type. What they need they build in .venv, from pyproject.toml.

# The first Python on the PATH that is not older than 3.11.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	echo $$name; break; done)

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
MANAGE := $(BIN)/python demo/manage.py

# make demo: SERVE=0 stops after the table, PORT and STUDIO_PORT say where it is served otherwise.
SERVE ?= 1
PORT ?= 8000
STUDIO_PORT ?= 8001
export DEMO_DATABASE ?= $(CURDIR)/demo/demo.sqlite3
export DEMO_MAILS ?= $(CURDIR)/demo/mails
export DEMO_LMS_ROOT_URL ?= http://localhost:$(PORT)
export DEMO_CMS_ROOT_URL ?= http://localhost:$(STUDIO_PORT)

.DEFAULT_GOAL := help
.PHONY: help demo test lint tox bench clean

help:  ## this list
	@awk -F ':.*##' '/^[a-z]+:.*##/ {printf "make %-6s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/installed  ## replay what 24 learners did, say who earned what and why, serve the site (or SERVE=0)
	@rm -rf "$(DEMO_DATABASE)" "$(DEMO_MAILS)"
	@echo "Migrating, as LMS and as Studio …"
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) migrate --verbosity 0 --settings demo.settings.cms
	@$(MANAGE) prepare
	@$(MANAGE) replay
	@$(MANAGE) microcred sweep
	@$(MANAGE) report
	@$(MANAGE) share
ifneq ($(SERVE),0)
	@echo
	@echo "Learners are at $(DEMO_LMS_ROOT_URL), authors and instructors at $(DEMO_CMS_ROOT_URL), until you press Ctrl+C."
	@echo "Users: admin (staff), ingrid_solheim (teacher), ragnhild_moen (author), and the learners in the table above. Every password is: demo"
	@$(MANAGE) serve --lms-port $(PORT) --studio-port $(STUDIO_PORT)
endif

# So many random orders of the recording's events; pytest by itself tries fewer.
test: export MICROCRED_ORDERS ?= 200
test: $(VENV)/installed-dev  ## the tests, in .venv
	@$(BIN)/pytest -n auto --dist loadgroup

lint: $(VENV)/installed-dev  ## ruff, mypy, missing migrations, import-linter, translations, in .venv
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(MANAGE) makemigrations --check --dry-run
	@$(BIN)/lint-imports --no-logo --no-cache
	@$(BIN)/python scripts/messages.py --check

# pyenv's interpreters, if there are any, behind those that are on the PATH.
tox: $(VENV)/installed-dev  ## the tests, linters and the package on every interpreter there is
	@root=$$(pyenv root 2>/dev/null) && PATH="$$PATH$$(printf ':%s' "$$root"/versions/*/bin)"; \
	$(BIN)/tox run-parallel --parallel 2 --parallel-no-spinner

bench: $(VENV)/installed-dev  ## what an event costs, as a table
	@$(BIN)/python -m benchmarks

clean:  ## remove what these commands have built
	rm -rf $(VENV) .tox build dist *.egg-info .*_cache .hypothesis demo/demo.sqlite3 tests/mfe/node_modules demo/mails \
		tests/second_opinion/python/.venv tests/second_opinion/node/node_modules
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none is on the PATH."; exit 1; }
	@echo "Building $(VENV) with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo "Installing what the tests and linters need …"
	@$(INSTALL) --editable '.[dev]'
	@touch $@
