# One-command start, tests and checks. Everything is installed into .venv; repeat runs install nothing.
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(shell \
	$(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
VENV ?= .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip install --disable-pip-version-check -qq -c constraints.txt

.DELETE_ON_ERROR:
.PHONY: help demo install test check style types limits format bench soak spaces constraints chromium page clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/app.stamp ## install what the app needs and start it on http://127.0.0.1:7860
	$(RUN) app.py

install: $(VENV)/dev.stamp ## install the app, the trainer and the development tools

test: $(VENV)/dev.stamp chromium page ## run every test that check does not, the browser stories where Chromium can be had
	OMP_NUM_THREADS=1 $(RUN) -m pytest -n 2 --dist worksteal --ignore tests/browser --ignore tests/architecture
	OMP_NUM_THREADS=1 $(RUN) -m pytest -n 2 --dist worksteal tests/browser

check: style types limits ## style, types, dependencies, import contracts and architecture limits

style: $(VENV)/dev.stamp
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(VENV)/bin/deptry .

types: $(VENV)/dev.stamp
	@find fer_demo -name '*.pyi' -delete # Gradio's own notes on our components, which mypy would read in their place
	$(RUN) -m mypy

limits: $(VENV)/dev.stamp
	$(VENV)/bin/lint-imports
	$(RUN) -m pytest -q tests/architecture

format: $(VENV)/dev.stamp ## rewrite the code in the house style
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

bench: $(VENV)/dev.stamp chromium ## measure start, memory and speed; writes benchmarks/results/<date>.json
	$(RUN) -m benchmarks

soak: $(VENV)/dev.stamp ## many visitors, a thousand photos, kills, damaged files; writes benchmarks/results/<date>-soak.json
	$(RUN) -m benchmarks.soak

spaces: $(VENV)/dev.stamp ## install each Space into a fresh environment from its own requirements and start it without a network
	$(RUN) tools/try_spaces.py

constraints: | $(RUN) ## write the versions installed in .venv to constraints.txt; do it when bash .ci/run has passed with them
	@{ sed '/^[^#]/,$$d' constraints.txt; $(RUN) -m pip freeze --all --exclude-editable --exclude fer-demo --exclude pip --exclude wheel \
		| awk -F '==' 'NF == 2 { sub(/\+.*/, "", $$2); print tolower($$1) "==" $$2 }' | LC_ALL=C sort; } > constraints.new
	@mv constraints.new constraints.txt
	@find $(VENV) -maxdepth 1 -name '*.stamp' -exec touch {} + # what is installed is what is pinned

clean: ## remove the environment and the caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info

$(RUN):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@echo "Making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "No environment could be made: install Python's venv module" \
		"(Debian: apt-get install python3-venv), or choose a Python with make PYTHON=..."; exit 1; }

$(VENV)/app.stamp: pyproject.toml constraints.txt | $(RUN)
	@echo "Installing the app (2 GB, a few minutes)"
	@$(PIP) -e .
	@touch $@

$(VENV)/dev.stamp: pyproject.toml constraints.txt | $(RUN)
	@echo "Installing the app, the trainer and the development tools (2 GB, a few minutes)"
	@$(PIP) -e ".[dev]"
	@touch $@ $(VENV)/app.stamp

page: ## fetch with npm what the page without a server needs (spaces/page)
	@command -v npm >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends npm; } >/dev/null; } || true
	@cmp -s spaces/page/package-lock.json spaces/page/node_modules/fetched.json || \
		{ cd spaces/page && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && cp package-lock.json node_modules/fetched.json; } || \
		echo "npm could not fetch onnxruntime-web: the tests of the page without a server will be skipped."

chromium: $(VENV)/dev.stamp
	@command -v chromium-headless-shell >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser tests"; \
		install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$@" >/dev/null; }; \
		apt-get update -qq >/dev/null; install chromium-headless-shell || install chromium || true; \
	fi; \
	$(RUN) -c 'import sys; from benchmarks.browser import find_chromium; sys.exit(find_chromium() is None)' || \
	echo "No Chromium found and no right or way to install it: the browser tests will be skipped."
