# The front door. `make run` and `make test` install what they need first; what they do is in tools/ and app/cli/local.py.
#
#   make run       both services on this machine; PORT=8000 CREDENTIAL_PORT=8001 INSTANCE=instance change where
#   make test      every check and every test
#   make lock      write requirements/ anew from pyproject.toml
#   make clean     remove what can be made again; instance/ is kept

PORT ?= 8000
CREDENTIAL_PORT ?= 8001
INSTANCE ?= instance
PYTHON ?=

# Only prepare.sh reads it; the services get QAAMS_* variables.
export PYTHON
unexport PORT CREDENTIAL_PORT INSTANCE

BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header pyproject.toml

.PHONY: run test lock clean

run:
	@tools/prepare.sh run
	@exec $(BIN)/python -m app.cli.local --port "$(PORT)" --credential-port "$(CREDENTIAL_PORT)" --instance "$(INSTANCE)"

# pytest comes last, so that its summary is what one reads.
test:
	@tools/prepare.sh test
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(PYTEST_ARGUMENTS)

# The lock files name no registry: whichever one a machine uses, the hashes are what counts.
lock:
	@tools/prepare.sh lock
	$(COMPILE) --output-file requirements/run.txt
	$(COMPILE) --group test --constraint requirements/run.txt --output-file requirements/test.txt

clean:
	rm -rf .venv build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache tests/interoperation/node_modules
	find app tests -name __pycache__ -type d -prune -exec rm -rf {} +
