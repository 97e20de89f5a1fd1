.DEFAULT_GOAL := help
.PHONY: help run test lint format lock clean

BIN := .venv/bin
UV ?= $(shell command -v uv || echo python3 -m uv)
COMPILE := UV_PYTHON_DOWNLOADS=never $(UV) pip compile pyproject.toml --quiet --universal \
	--generate-hashes --no-header --no-annotate --python $(BIN)/python --python-version 3.11

# The last line of a recipe takes the place of its shell, so that a signal reaches it.

help:
	@echo "make run     start everything on this machine (PORT=9000 make run: on another port)"
	@echo "make test    run the tests (make test ARGS=\"-k journal\": some of them)"
	@echo "make lint    check style, types and layers (needs Node.js as well)"
	@echo "make format  format code and templates"
	@echo "make lock    resolve the packages of pyproject.toml (ARGS=--upgrade: the newest)"
	@echo "make clean   remove what was installed or cached; var/ stays"

run:
	@bin/install requirements.lock
	@exec $(BIN)/python manage.py up

test:
	@bin/install requirements-dev.lock
	@exec $(BIN)/python -m pytest $(ARGS)

lint:
	@bin/install requirements-dev.lock
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find templates -name "*.html" -exec $(BIN)/djade --check {} +
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level WARNING
	@bin/install-js
	node_modules/.bin/tsc --project jsconfig.json

format:
	@bin/install requirements-dev.lock
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	find templates -name "*.html" -exec $(BIN)/djade {} +

lock:
	@bin/install requirements-dev.lock
	$(COMPILE) $(ARGS) --output-file requirements.lock
	$(COMPILE) $(ARGS) --all-extras --constraint requirements.lock \
		--output-file requirements-all.lock
	$(COMPILE) $(ARGS) --all-extras --group dev --constraint requirements-all.lock \
		--output-file requirements-dev.lock

clean:
	rm -rf .venv node_modules
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
