# `make demo` and `make test` need Python 3.11 or newer, git and make, nothing else.
# PYTHON chooses the interpreter, ARGS goes to pytest: make test ARGS="-k sqlite"

PYTHON ?= python3
ARGS ?=
ROWS ?= 1000000
BIN := .venv/bin
PYTEST_OPTIONS := -n auto --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help demo test test-min coverage style typing layers docs pictures benchmark \
	lock clean
# Two pips at once in one environment do not get along.
.NOTPARALLEL:

help:
	@echo 'make demo      install, then migrate a database of the sample app'
	@echo 'make test      install everything for development, then run all tests'
	@echo 'make test-min  run all tests with the lowest supported versions'
	@echo 'make coverage  run all tests and show what they do not reach'
	@echo 'make style     ruff check, ruff format --check'
	@echo 'make typing    mypy'
	@echo 'make layers    import-linter'
	@echo 'make docs      the tests of the documentation'
	@echo 'make pictures  remake the pictures of docs/; needs chromium'
	@echo 'make benchmark  compare with the other tools, remake docs/performance.md'
	@echo 'make lock      renew the lock files in requirements/'
	@echo 'make clean     remove the virtual environments and caches'

demo: .venv/installed-demo
	@directory=$$(mktemp -d) && trap 'rm -rf "$$directory"' EXIT && \
	export DATABASE_URL="sqlite:///$$directory/shop.db" && \
	for command in upgrade history current check; do \
		echo; echo "$$ flask --app sample_app db $$command"; \
		$(BIN)/flask --app sample_app db $$command || exit 1; \
	done

test: .venv/installed-dev
	$(BIN)/python -m pytest $(PYTEST_OPTIONS) $(ARGS)

test-min: .venv-min/installed
	.venv-min/bin/python -m pytest $(PYTEST_OPTIONS) $(ARGS)

coverage: .venv/installed-dev
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(PYTEST_OPTIONS) $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

style: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

typing: .venv/installed-dev
	$(BIN)/mypy

layers: .venv/installed-dev
	$(BIN)/lint-imports

docs: .venv/installed-dev
	$(BIN)/python -m pytest tests/test_docs.py $(ARGS)

pictures: .venv/installed-dev
	$(BIN)/python -m tests.guard.pictures

benchmark: .venv/installed-dev
	$(BIN)/python benchmarks/commands.py --json .benchmark.json $(ARGS)
	$(BIN)/python benchmarks/report.py .benchmark.json
	$(BIN)/python benchmarks/sqlite_rebuild.py --rows $(ROWS)

# -- virtual environments; the stamps in them make repeated runs quick ----------------

INSTALL = -m pip install --quiet --disable-pip-version-check
# The locks are complete; pip's check of hashes stumbles over extras such as flask[async].
INSTALL_LOCKED = $(INSTALL) --no-deps
# The build backend comes from the lock too, hence no build isolation.
INSTALL_PROJECT = $(INSTALL) --no-build-isolation --no-deps --editable .

.venv/installed-demo: requirements/demo.txt requirements/build.txt pyproject.toml | .venv/pyvenv.cfg
	$(BIN)/python $(INSTALL_LOCKED) -r requirements/demo.txt -r requirements/build.txt
	$(BIN)/python $(INSTALL_PROJECT)
	@touch $@

.venv/installed-dev: requirements/dev.txt pyproject.toml | .venv/pyvenv.cfg
	$(BIN)/python $(INSTALL_LOCKED) -r requirements/dev.txt
	$(BIN)/python $(INSTALL_PROJECT)
	@touch $@

.venv-min/installed: requirements/min.txt pyproject.toml | .venv-min/pyvenv.cfg
	.venv-min/bin/python $(INSTALL_LOCKED) -r requirements/min.txt
	.venv-min/bin/python $(INSTALL_PROJECT)
	@touch $@

.venv/pyvenv.cfg .venv-min/pyvenv.cfg .venv-lock/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; choose one with: make PYTHON=python3.x …")'
	$(PYTHON) -m venv $(@D)

# -- lock files: every file has to agree with dev.txt, except the lowest versions -----

COMPILE = .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url --no-emit-find-links --upgrade

lock: | .venv-lock/pyvenv.cfg
	.venv-lock/bin/python $(INSTALL) uv
	$(COMPILE) pyproject.toml --group dev -o requirements/dev.txt >/dev/null
	$(COMPILE) pyproject.toml -c requirements/dev.txt -o requirements/demo.txt >/dev/null
	$(COMPILE) --group build -c requirements/dev.txt -o requirements/build.txt >/dev/null
	$(COMPILE) pyproject.toml --group tests --group build -c requirements/min.in \
		-o requirements/min.txt >/dev/null
	@! grep -n '://' requirements/*.txt

clean:
	rm -rf .venv .venv-min .venv-lock .coverage .coverage.* .hypothesis \
		.import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist
