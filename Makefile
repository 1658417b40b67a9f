# Two commands matter: `make demo` and `make test`. Everything they need they fetch themselves.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m cs_platform.local
PIP := $(VENV)/bin/python -m pip install -qq --disable-pip-version-check --no-compile

.PHONY: help demo demo-reset up manage test lint walk bench faults real-data clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

demo: $(VENV)/runtime  ## the whole product with a synthetic company on http://127.0.0.1:8000 (PORT=... to change)
	@$(RUN) demo

demo-reset: $(VENV)/runtime  ## the same, starting over with a fresh company
	@$(RUN) demo-reset

up: $(VENV)/runtime  ## the product without demo data; first administrator from ADMIN_EMAIL and ADMIN_PASSWORD
	@$(RUN) up

manage: $(VENV)/runtime  ## a management command against the same services: make manage ARGS="import_accounts FILE"
	@$(RUN) manage $(ARGS)

test: $(VENV)/tests  ## every check and test (ARGS="tests/churn -k rule" for some of them)
	@$(RUN) test tests $(ARGS)

walk: $(VENV)/tests  ## one real event through the whole house, with the time of each step
	@$(RUN) test pytest tests/journeys/test_walk.py -q -s --no-header

bench: $(VENV)/tests  ## benchmarks as ratios (ONLY=name for one)
	@$(RUN) test benchmarks $(ONLY)

faults: $(VENV)/tests  ## the long fault suite: kill, stop, flush, hostile bodies (ARGS="--only WORD" for some of it)
	@$(RUN) test tests.faults $(ARGS)

real-data: $(VENV)/tests  ## real sets from a folder, imported, again and shuffled: DATA=FOLDER (ARGS="--only WORD" for one)
	@$(VENV)/bin/python -m tests.real_data $(DATA) $(ARGS)

clean:  ## remove the environment and all local data
	rm -rf $(VENV) var

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed, this is %d.%d. Choose one: make PYTHON=python3.12" % sys.version_info[:2])'
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/runtime: $(VENV)/python requirements.txt
	@echo "Installing requirements.txt (once)"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/tests: $(VENV)/runtime tests/requirements.txt
	@echo "Installing tests/requirements.txt (once)"
	@$(PIP) -r tests/requirements.txt
	@touch $@
