# make repro   set up once, then build everything that is out of date
# make reset   the committed settings and results again, whatever was tried
# make test    the same set-up, then the tests        (test-full: with the long proofs)
# make docs    the pages of docs/ as a site, site/index.html
PYTHON ?= python3
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
READY := $(VENV)/ready
export PATH := $(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: repro full reset test test-full lint bench honesty dashboard docs setup in-git clean-scratch

repro: setup  ## DVC would name a missing file, and not what helps
	@for file in registered.yaml registered.csv; do [ -f $$file ] || { echo "error: $$file is missing: git checkout HEAD" \
		"-- $$file brings the committed one back, python -m buysignal register writes it anew" >&2; exit 1; }; done
	dvc repro

BUDGETS ?= 2M,20M,200M
full: setup  ## the reference's scale: 50 trials, 50 epochs, three budgets; stopped, it goes on; BUDGETS=2M,20M for less
	python -m buysignal full -S 'budgets=[$(BUDGETS)]'

reset: setup  ## what it replaces is kept in .scratch/reset; no look is lost
	@python -m buysignal reset

PROCESSES ?= 4
TESTS := PYTHONDONTWRITEBYTECODE= pytest -n logical --maxprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder

test: setup  ## on each core, but by at most PROCESSES at once
	$(TESTS) -m "not full"

test-full: setup
	$(TESTS)

lint: setup  ## style, and where pip install -r requirements-lint.txt was said the types of the library
	ruff check .
	@if command -v basedpyright > /dev/null; then basedpyright; fi

bench: setup  ## speed against a plain PatchTST, and growth; wants a quiet machine
	python -m bench.speed
	python -m bench.growth

honesty: setup  ## the simulation studies of docs/honesty.md
	python -m bench.honesty
	for study in coverage luck snooping certified certified_money; do python bench/$$study.py || exit 1; done

docs: setup  ## the pages as a site that opens without a network; a dead link is an error
	@$(BIN)/python -c 'import mkdocs, material, mkdocstrings' 2>/dev/null || \
		$(BIN)/python -m pip install --quiet --requirement requirements-docs.txt
	NO_MKDOCS_2_WARNING=1 mkdocs build --quiet && echo "$(CURDIR)/site/index.html"

STUDY ?=
dashboard: setup  ## all studies in a browser, as they are now; STUDY=a50-2M for one of them, live
	@python -m buysignal dashboard $(STUDY)

clean-scratch: setup  ## forget studies and finished fits that nobody is at; no result is lost
	python -m buysignal scratch --older-than 0

setup: in-git $(READY)

in-git:  # before anything is installed
	@git rev-parse 2>/dev/null || { if [ -e .git ]; then git rev-parse; else echo "error: DVC needs the project to be in git," \
		"and a ZIP file is not: run \`git init && git add --all\` and \`git commit -m start\`, then make again"; fi >&2; exit 1; }

$(READY): requirements.txt constraints.txt pyproject.toml src/buysignal/cli/plots_page.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: $(PYTHON) is older than Python 3.11: run make PYTHON=python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --requirement requirements.txt
	@for place in $(VENV)/lib/python3.*/site-packages; do echo ../../../../src > $$place/buysignal.pth; done
	$(VENV)/bin/python -m buysignal.cli.console_scripts $(VENV)/bin
	$(VENV)/bin/python -m buysignal.cli.plots_page $(VENV)/plots.html
	$(VENV)/bin/python -m dvc config --local plots.html_template ../$(VENV)/plots.html
	@touch $(READY)
