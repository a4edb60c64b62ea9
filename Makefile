# Backstride: everything a person does with it. `make` alone lists the targets.
PORT ?= 5005
ACTION_PORT ?= 5055
BIND ?= 127.0.0.1
export PORT ACTION_PORT BIND
export RASA_TELEMETRY_ENABLED = false
export SQLALCHEMY_SILENCE_UBER_WARNING = 1
export TF_CPP_MIN_LOG_LEVEL = 3
export PYTHONWARNINGS ?= ignore::DeprecationWarning,ignore::UserWarning

UV := .uv/bin/uv
BIN := .venv/bin
INSTALLED := .venv/.installed
MODEL := models/backstride.tar.gz
TRAINED_FROM := config.yml domain.yml $(shell find data -name '*.yml') $(wildcard backstride/rasa/*.py)

.PHONY: help run shell train test check format evaluate audit hostile report lock clean
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(MODEL) ## Start the assistant on http://localhost:5005 (PORT and ACTION_PORT change the ports)
	@$(BIN)/python -m backstride.supervisor run

shell: $(MODEL) ## Talk to it in this terminal
	@$(BIN)/python -m backstride.supervisor shell

train: $(MODEL) ## Train the model if the training data changed

test: $(MODEL) ## Run all tests
	@echo "==> Unit and server tests"
	@$(BIN)/python -m pytest
	@echo "==> Conversations"
	@$(BIN)/rasa test core --e2e --model $(MODEL) --stories tests/stories --out results --no-plot --fail-on-prediction-errors

check: $(INSTALLED) .tools/.installed ## Check format, lint, types, the guide and the training data
	@echo "==> Format and lint"
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .
	@echo "==> Types"
	@$(BIN)/mypy
	@echo "==> Guide"
	@$(BIN)/python -m backstride.check_guide
	@echo "==> Deployment"
	@.tools/bin/hadolint deploy/Dockerfile
	@.tools/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec deploy/compose.yml
	@.tools/bin/kubernetes-validate --strict --quiet deploy/kubernetes/*.yml
	@echo "==> Training data"
	@$(BIN)/rasa data validate --fail-on-warnings

audit: $(INSTALLED) .tools/.installed ## Look for known flaws in the packages of requirements.lock
	@$(BIN)/python -m backstride.audit

report: $(INSTALLED) ## Write results/report.html from the stored conversations, without their texts
	@$(BIN)/python -m backstride.report

hostile: $(MODEL) ## Send 10,000 hostile requests to a server of its own (the tests send 2,000)
	@HOSTILE_REQUESTS=10000 $(BIN)/python -m pytest tests/server/test_hostile.py -q

format: $(INSTALLED) ## Put the code into the project's format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

evaluate: $(MODEL) ## Measure how well the messages of FILE=questions.jsonl are understood
	@$(BIN)/python -m benchmarks.evaluate $(FILE)

lock: $(UV) ## Resolve requirements.in anew into requirements.lock
	$(UV) pip compile requirements.in --override requirements-overrides.txt --python-version 3.10 \
	  --universal --generate-hashes --no-emit-index-url --no-annotate --upgrade --quiet \
	  --custom-compile-command "make lock" --output-file requirements.lock
	$(UV) pip compile requirements-tools.in --python-version 3.10 \
	  --universal --generate-hashes --no-emit-index-url --no-annotate --upgrade --quiet \
	  --custom-compile-command "make lock" --output-file requirements-tools.lock

clean: ## Remove everything that make made
	rm -rf .uv .venv .tools .run .cache .rasa models results

$(UV): requirements-uv.lock
	@echo "==> Setting up the installer"
	@python3 -m venv .uv || { echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv. Then run make again."; rm -rf .uv; exit 1; }
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@touch $@

$(INSTALLED): requirements.lock | $(UV)
	@echo "==> Installing the packages of requirements.lock (about 3 GB, once)"
	@test -x $(BIN)/python || $(UV) venv --quiet --python 3.10 .venv
	@$(UV) pip sync --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock || { echo "The packages could not be installed. Check the network and run make again; what was fetched is kept."; exit 1; }
	@touch $@

.tools/.installed: requirements-tools.lock | $(UV)
	@test -x .tools/bin/python || $(UV) venv --quiet --python 3.10 .tools
	@$(UV) pip sync --quiet --python .tools/bin/python --require-hashes requirements-tools.lock
	@touch $@

$(MODEL): $(INSTALLED) $(TRAINED_FROM)
	@echo "==> Training (only what changed)"
	@$(BIN)/rasa train --fixed-model-name backstride --out models || { echo "Training failed. 'make check' names the file and the cure."; exit 1; }
	@touch $@
