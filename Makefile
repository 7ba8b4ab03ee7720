# Six words: setup, test, check, demo, bench, torture. Everything else is a command of msp-ops.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export DO_NOT_TRACK = 1
export PREFECT_SERVER_ANALYTICS_ENABLED = false
unexport PYTHONDONTWRITEBYTECODE  # the tests start python a thousand times, and each would compile the same again

.PHONY: help setup debian test unit check demo bench torture clean
help:
	@echo "make setup   virtual environment and Debian packages"
	@echo "make demo    the main job on real practice hosts, end to end"
	@echo "make test    every test (make unit: only the quick ones)"
	@echo "make check   what CI checks: style, types, imports, tests"
	@echo "make bench   how fast, against peers"
	@echo "make torture kills, power cuts and frozen processes by the thousand (MSP_OPS_TORTURE_SEED repeats one)"

setup: $(VENV)/.ready debian

$(VENV)/.ready: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "python3 (3.11 or newer) is needed"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || .ci/debian python3-venv
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt uv
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --constraint constraints.txt --group dev --editable '.[schedule,postgresql,playbooks]'
	@touch $@

debian:
	@.ci/debian

test: setup
	$(BIN)/python -m pytest -q -n auto

unit: $(VENV)/.ready
	$(BIN)/python -m pytest -q -n auto -m 'not wire and not lab and not prefect and not page'

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/shellcheck .ci/run .ci/debian
	$(BIN)/python -m pytest -q -n auto
	@echo "make check: all good"

demo: $(VENV)/.ready
	@.ci/debian hosts
	$(BIN)/msp-ops demo --yes

bench: setup
	$(BIN)/python -m benchmarks

torture: setup
	MSP_OPS_TORTURE=full $(BIN)/python -m pytest -rA tests/torture tests/transports/test_onhost.py -k "torture or many_races"

clean:
	rm -rf $(VENV) msp-ops-demo
