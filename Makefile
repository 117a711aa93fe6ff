# The one door. Needs Python 3.11 or later with its venv module, and make; everything else is fetched by the locks.

PYTHON ?= python3
PORT ?= 8000
SERVE ?= yes
ARGS ?=
RUN := .venv/bin/python
export PORT SERVE ALL

.PHONY: demo test spark lint format dev bench soak assets lock translations clean base

# A demonstration cluster, every example with its expectations, then the site. SERVE=no stops after the table.
demo: base
	@$(RUN) -m jirong.cli demo

# All tests; ARGS="tests/ledger -x" for part of them.
test: base
	@$(PYTHON) tools/environment.py dev
	@$(RUN) tools/test.py $(ARGS)

# Features on Spark in local mode beside DuckDB's, value by value; needs Java. Apart from `test`: pyspark is 480 MB.
spark: base
	@$(PYTHON) tools/environment.py dev spark
	@$(RUN) tools/test.py tests/facts/test_features_equal.py -k spark $(ARGS)

# Style, types, floors, translations, locks.
lint:
	@$(PYTHON) tools/environment.py base dev
	@$(RUN) tools/lint.py

format:
	@$(PYTHON) tools/environment.py base dev
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

# The site with reload, for development.
dev: base
	@$(PYTHON) tools/environment.py dev
	@$(RUN) -m jirong.cli serve --reload

# Beside peers, in one run.
bench: base
	@$(PYTHON) tools/environment.py bench
	@$(RUN) -m benchmarks $(ARGS)

# The long run of faults.
soak: base
	@$(PYTHON) tools/environment.py dev
	@$(RUN) tools/test.py tests -m soak $(ARGS)

base:
	@$(PYTHON) tools/environment.py base
	@$(RUN) tools/assets.py
	@$(RUN) tools/translations.py compile

assets:
	@$(PYTHON) tools/environment.py base
	@$(RUN) tools/assets.py --force

# Lock files anew; ARGS=--upgrade takes newer versions.
lock:
	@$(PYTHON) tools/environment.py base dev
	@$(RUN) tools/lock.py $(ARGS)

# Add the missing msgids to each room's catalogue.
translations:
	@$(PYTHON) tools/environment.py base
	@$(RUN) tools/translations.py update

clean:
	@$(PYTHON) tools/clean.py
