# Set-up and everyday work. `make` alone lists the targets.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
SAMPLE := seeds/articles/coalition-briefing.txt

export HF_HUB_OFFLINE ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo test install lint format types check bundles scores wheel clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/.core ## install the reader and read a sample article
	$(BIN)/stance predict $(SAMPLE)

test: install lint types check ## install everything, then lint, types and all tests

install: $(VENV)/.dev ## install everything that development needs

lint: $(VENV)/.dev ## look for style and likely bugs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.dev ## put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.dev ## check the types
	$(BIN)/mypy

check: $(VENV)/.dev ## run the tests
	$(BIN)/pytest

corpora/train: | $(VENV)/.dev
	$(BIN)/python scripts/fetch.py

bundles: $(VENV)/.dev corpora/train ## train and export the shipped bundles (an hour and a half on two cores)
	$(PIP) --editable '.[dev,mpnet]'
	$(BIN)/python scripts/train.py experiment=default
	$(BIN)/python scripts/export.py run=runs/default output=models/default embedding_bits=4
	$(BIN)/python scripts/train.py experiment=fast
	$(BIN)/python scripts/export.py run=runs/fast output=models/fast

scores: $(VENV)/.dev corpora/train ## score the shipped bundles and the baseline on the seeds' test side
	$(BIN)/python scripts/train.py reader=linear data=all
	$(BIN)/python scripts/evaluate.py 'bundles=[default,fast,runs/linear]'

wheel: $(VENV)/.dev ## build the wheel, bundle included
	$(BIN)/python -m build --wheel

clean: ## remove what can be made again, runs excepted
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable .
	touch $@

# torch comes first, by its exact version: a range may bring gigabytes of GPU libraries.
$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) torch==2.13.0
	$(PIP) --editable '.[dev]'
	touch $@ $(VENV)/.core
