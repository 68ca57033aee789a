# Everything a contributor types. `make demo` needs nothing but Python 3.11+, git and make; the README says what tests need.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= auto

.PHONY: demo ui tools test check soak bench lock clean

$(VENV)/.ready: requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

ui: $(VENV)/.ready  ## build the web UI, when npm is there
	$(BIN)/python tools/ui.py

demo: $(VENV)/.ready ui  ## bring up Argosy with a real pipeline
	$(BIN)/argosy demo --data .demo

tools: $(VENV)/.ready  ## fetch the programs that tests run, unless they are there
	$(BIN)/python tools/helm.py
	$(BIN)/python tools/kubernetes.py
	$(BIN)/python tools/oidc.py

test: tools ui  ## run every test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

check: $(VENV)/.ready  ## style, types, layers, size budgets
	$(BIN)/ruff format --check src tests bench tools
	$(BIN)/ruff check src tests bench tools
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/budgets.py

soak: tools  ## torment a pipeline on a real API server for SOAK_SECONDS
	$(BIN)/python -m pytest -s tests/cluster/soak.py

bench: $(VENV)/.ready  ## measure, and print a table with baselines from the same run
	$(BIN)/python -m bench

lock: $(VENV)/.ready  ## pin every dependency again
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --universal --python-version 3.11 \
	  --group dev --group build pyproject.toml --output-file requirements/dev.txt --custom-compile-command "make lock"
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --universal --python-version 3.11 \
	  pyproject.toml --output-file requirements/run.txt --custom-compile-command "make lock"
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --universal --python-version 3.11 \
	  --group build --output-file requirements/build.txt --custom-compile-command "make lock"

clean:
	rm -rf $(VENV) ui/node_modules src/argosy/ui/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .demo
