# make run · make test · make lint · make install · make bench · make scan

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
export PIP_ROOT_USER_ACTION := ignore
APT_INSTALL := DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends

.PHONY: run install test lint bench scan dev browser peers
.DEFAULT_GOAL := run

# The recipe becomes the portal, so that nothing stands between make and what it must end.
run: install
	@exec $(BIN)/python -m dev.stack --parent $$PPID

install: $(VENV)/installed $(VENV)/frontend

test: install dev browser
	@$(BIN)/python -m pytest -n 3 --dist loadgroup -m "not nightly"

lint: install dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy portal dev worker.py wsgi.py

bench: install dev browser peers
	@$(BIN)/python -m tests.bench

# Looks for weaknesses, as a stranger with a sign-in would; no part of make test.
scan: install dev $(VENV)/scan/installed
	@$(BIN)/python -m tests.scan

dev: $(VENV)/dev

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 5) and "Python 3.11.5 or newer is needed: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make a .venv: install its venv package (python3-venv)." >&2; rm -rf $(VENV); exit 1; }
	@touch $@

$(VENV)/installed: requirements.txt constraints.txt | $(VENV)/python
	@echo "Installing what the portal needs into $(VENV) …"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/frontend: requirements-frontend.txt | $(VENV)/python
	@$(PIP) --no-deps -r requirements-frontend.txt
	@touch $@

$(VENV)/dev: requirements-dev.txt constraints.txt $(VENV)/installed
	@echo "Installing what the tests need into $(VENV) …"
	@$(PIP) -r requirements-dev.txt
	@touch $@

# What make bench compares Manage jobs with has an environment of its own: the portal's holds none of it.
peers: $(VENV)/peers/installed

$(VENV)/peers/installed: requirements-peers.txt | $(VENV)/python
	@echo "Installing what the benchmarks compare with into $(VENV)/peers …"
	@$(PYTHON) -m venv $(VENV)/peers
	@$(VENV)/peers/bin/python -m pip --disable-pip-version-check install --quiet -r requirements-peers.txt
	@touch $@

# What make scan looks with has an environment of its own too.
$(VENV)/scan/installed: requirements-scan.txt | $(VENV)/python
	@echo "Installing what the scan looks with into $(VENV)/scan …"
	@$(PYTHON) -m venv $(VENV)/scan
	@$(VENV)/scan/bin/python -m pip --disable-pip-version-check install --quiet -r requirements-scan.txt
	@touch $@

# The browser tests drive the system's Chromium (without windows it is the quickest), or the one that Playwright keeps.
browser: $(VENV)/dev
	@for name in chromium-headless-shell chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit; done; \
	ls -d "$${PLAYWRIGHT_BROWSERS_PATH:-$$HOME/.cache/ms-playwright}"/chromium* >/dev/null 2>&1 \
	|| { echo "Installing a Chromium for the browser tests …"; \
	     { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get -qq update \
	       && { $(APT_INSTALL) chromium-headless-shell fonts-dejavu-core >/dev/null 2>&1 || $(APT_INSTALL) chromium fonts-dejavu-core >/dev/null; }; } \
	  || $(BIN)/python -m playwright install chromium \
	  || { echo "The browser tests need a Chromium: install one (chromium or google-chrome), then run make test again." >&2; exit 1; }; }
