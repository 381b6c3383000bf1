# Nonlinear. `make book` shows the book, `make test` checks it, `make help` lists the rest.

PYTHON ?=
PORT ?= 8000
venv := .venv
install := -r requirements.txt
python := $(venv)/bin/python
lessons := $(wildcard book/*.ipynb)
sources := _config.yml _toc.yml CHANGELOG.md $(shell find book src -type f -not -path '*/.*' -not -name '*.pyc')

.PHONY: help book site preview lab test units lessons mutants audit test-run browsers newest links links-online dev lint \
	normalise lock release dist pyodide chromium push-notebooks attach clean no_venv always

help:
	@echo "make book       build the book, serve it on this machine and print its address (PORT=$(PORT))"
	@echo "make site       build the book into _build/html"
	@echo "make preview    PAGE=relu: build this page alone, in seconds, to look at it while writing"
	@echo "make lab        open the lessons in JupyterLab; what you change stays in the folder lab"
	@echo "make test       run every check"
	@echo "make units      of the tests, those that need neither the site nor a browser"
	@echo "make lessons    execute the lessons and compare what they print with what is stored"
	@echo "make mutants    put small faults into the library, and name those that no test sees (MUTANTS=... options)"
	@echo "make audit      use the site and the widgets in Chromium"
	@echo "make test-run   run every lesson to its end in the page, and one in JupyterLab"
	@echo "make browsers   use the site in Firefox and WebKit, where they are installed"
	@echo "make newest     units, lessons and site with the newest packages, not those of constraints.txt"
	@echo "make links      look for dead links within the site; links-online: for those that lead elsewhere"
	@echo "make dev        install what contributors need as well, and check each commit"
	@echo "make lint       run the checks of a commit on every file"
	@echo "make normalise  execute the lessons and store their text outputs"
	@echo "make lock       choose the newest versions that fit and write constraints.txt"
	@echo "make release    VERSION=1.2.0: write the version, commit and tag; pushes nothing"
	@echo "make dist       the wheel and an archive of the site, into the folder dist"
	@echo "make pyodide    fetch the Python for the page into _build/distribution/pyodide"
	@echo "make clean      remove the virtual environment and everything built"
	@echo "PYTHON=...      the Python to use (3.11 or newer)"
	@echo "NONLINEAR_PYODIDE=...  a folder with Pyodide, or its address: cells then run in the page"

book: site
	@$(python) tools/serve.py _build/html $(PORT)

site: _build/html/index.html

preview: $(venv)/installed
	@$(python) tools/preview.py "$(PAGE)"

# The copies for download, which read well outside the book. A notebook that is there already may be a reader's work.
lab: site $(venv)/lab
	@mkdir -p lab; for copy in _build/html/book/*.ipynb; do test -e lab/$$(basename $$copy) || cp $$copy lab; done
	$(python) -m jupyterlab lab

# One test process for each processor, and one thread for each of them: together, more threads would only wait.
test: site
	OPENBLAS_NUM_THREADS=1 $(python) -m pytest --numprocesses=auto --dist=worksteal --durations=30

units: $(venv)/installed
	OPENBLAS_NUM_THREADS=1 $(python) -m pytest --numprocesses=auto --ignore=tests/site --ignore=tests/widgets --ignore=tests/test_lessons.py

lessons: $(venv)/installed
	OPENBLAS_NUM_THREADS=1 $(python) -m pytest --numprocesses=auto tests/test_lessons.py

# MUTANTS="--sample 100 src/nonlinear/lessons/*/experiment.py" asks the same of the lessons; --help lists what there is.
mutants: $(venv)/installed
	OPENBLAS_NUM_THREADS=1 $(python) tools/mutants.py $(MUTANTS)

audit: site
	OPENBLAS_NUM_THREADS=1 $(python) -m pytest --numprocesses=auto --dist=worksteal tests/site tests/widgets

# In an environment of its own, with the newest packages of that day. What a lesson prints may change with the packages;
# what it asserts may not.
newest:
	rm -rf _build/html _build/.jupyter_cache
	$(MAKE) --what-if=pyproject.toml venv=_build/newest install='--upgrade -e .[docs,test]' units site
	OPENBLAS_NUM_THREADS=1 _build/newest/bin/python -m pytest --numprocesses=auto --dist=loadfile --nbval-lax --nbval-current-env $(lessons)
	rm -rf _build/html _build/.jupyter_cache

links: site
	$(python) tools/links.py _build/html

links-online: site
	$(python) tools/links.py _build/html --online

# Not part of `make test`: it takes minutes and two more browsers (see CONTRIBUTING.md).
browsers: site
	$(python) -m pytest tests/browsers -rs

test-run: site $(venv)/lab
	NONLINEAR_RUN=all $(python) -m pytest tests/site/test_run.py tests/lab

# A site with another Python, or with none, is another site.
export NONLINEAR_PYODIDE
_build/pyodide: always
	@mkdir -p $(@D); echo '$(NONLINEAR_PYODIDE)' | cmp -s - $@ || echo '$(NONLINEAR_PYODIDE)' > $@
always:

# A build that follows a failed one forgets the warnings of pages that did not change: start afresh, and keep no failed site.
# Executed lessons are kept in _build/.jupyter_cache.
_build/html/index.html: $(venv)/installed $(sources) _build/pyodide
	rm -rf _build/html _build/.doctrees
	@date +%s > _build/begun
	$(venv)/bin/jupyter-book build . --all -n -W --keep-going || { rm -rf _build/html; exit 1; }
	@touch $@; echo "Built in $$(($$(date +%s) - $$(cat _build/begun))) s."

# make_venv.sh prints the one sentence that a reader needs when there is no suitable Python.
make_venv = $(eval trouble := $(shell sh tools/make_venv.sh $(venv) "$(PYTHON)"))$(if $(trouble),$(error $(trouble)))
no_venv := $(shell test -x $(python) || echo no_venv)

$(venv)/installed: pyproject.toml requirements.txt constraints.txt $(no_venv)
	$(make_venv)@echo "Installing the packages (a few minutes the first time)."
	@$(python) -m pip install --quiet --disable-pip-version-check $(install)
	@touch $@

$(venv)/lab: $(venv)/installed
	@$(python) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[lab]'
	@touch $@

$(venv)/dev: $(venv)/installed
	@$(python) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

dev: $(venv)/dev
	@$(python) -m pre_commit install

# The checks are listed in .pre-commit-config.yaml; they use the programs of the environment, and no network.
lint: $(venv)/dev
	PATH="$(CURDIR)/$(venv)/bin:$$PATH" $(python) -m pre_commit run --all-files

normalise: $(venv)/installed
	@$(python) -c "import matplotlib.font_manager" 2> /dev/null # its list of fonts: making it can be slow, and is then said
	$(python) tools/normalise_notebooks.py $(lessons)

lock:
	$(make_venv)$(python) -m pip install --quiet --disable-pip-version-check uv
	$(python) -m uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --all-extras --upgrade \
		--no-annotate --no-emit-index-url --no-emit-package nonlinear-course --custom-compile-command "make lock" \
		--output-file constraints.txt pyproject.toml

release: $(venv)/installed
	@$(python) tools/release.py "$(VERSION)"

dist: site
	rm -rf dist
	$(python) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	$(python) -c "import shutil; shutil.make_archive('dist/nonlinear-site', 'zip', '_build/html')"

pyodide: $(venv)/installed
	$(python) tools/fetch_pyodide.py _build/distribution

# What follows is for the workflows: Chromium on Debian, the branch that Binder and Colab open, the files of a release.
chromium:
	command -v chromium chromium-browser google-chrome > /dev/null || \
		{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes chromium; }

push-notebooks:
	cd _build/notebooks && git init --quiet --initial-branch notebooks && git add . && \
		git -c user.name=publish -c user.email=publish@localhost commit --quiet --message "Notebooks of $(TAG)" && \
		git push --force "$(REMOTE)" notebooks

attach:
	gh release create "$(TAG)" dist/* --verify-tag --title "$(TAG)" --notes-file CHANGELOG.md

clean:
	rm -rf .venv _build dist .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
