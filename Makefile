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
TRAINED_FROM := config.yml domain.yml $(shell find data -name '*.yml' -o -name '*.jsonl') guide/frame_words.yml $(wildcard backstride/embeddings/*.py) \
  $(addprefix backstride/rasa/,classifier.py danger_signs.py featurizer.py rules.py safety_policy.py training_files.py) \
  $(addprefix backstride/,danger_examples.py intents.py nearness.py questions.py spelling.py tokens.py)

WIDGET := web/dist/backstride.js
WIDGET_PACKAGES := web/node_modules/.installed

.PHONY: help run telegram slack shell train test check format evaluate compare bench widget screenshots conversations audit hostile report lock clean
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(MODEL) $(WIDGET) ## Start the assistant on http://localhost:5005 (PORT and ACTION_PORT change the ports)
	@$(BIN)/python -m backstride.supervisor run

telegram: $(MODEL) ## Start it with Telegram, without a public address (docs/telegram.md)
	@$(BIN)/python -m backstride.supervisor telegram

slack: $(MODEL) ## Start it with Slack, without a public address (docs/slack.md)
	@$(BIN)/python -m backstride.supervisor slack

shell: $(MODEL) ## Talk to it in this terminal
	@$(BIN)/python -m backstride.supervisor shell

train: $(MODEL) ## Train the model if the training data changed

test: $(MODEL) $(WIDGET) ## Run all tests
	@echo "==> Unit and server tests"
	@$(BIN)/python -m pytest
	@echo "==> Conversations"
	@$(BIN)/rasa test core --e2e --model $(MODEL) --stories tests/stories --out results --no-plot --fail-on-prediction-errors

check: $(INSTALLED) $(WIDGET_PACKAGES) .tools/.installed ## Check format, lint, types, the guide and the training data
	@echo "==> Format and lint"
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .
	@echo "==> Types"
	@$(BIN)/mypy
	@web/npm run --silent check
	@echo "==> Guide"
	@$(BIN)/python -m backstride.check_guide
	@echo "==> Deployment"
	@.tools/bin/hadolint deploy/Dockerfile
	@.tools/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec deploy/compose.yml
	@.tools/bin/kubernetes-validate --strict --quiet deploy/kubernetes/*.yml
	@echo "==> Known flaws in packages"
	@$(BIN)/python -m backstride.audit --if-reachable
	@echo "==> Training data"
	@$(BIN)/rasa data validate --fail-on-warnings

audit: $(INSTALLED) $(WIDGET_PACKAGES) .tools/.installed ## Look for known flaws in the packages of Python and npm
	@$(BIN)/python -m backstride.audit

report: $(INSTALLED) ## Write results/report.html from the stored conversations, without their texts
	@$(BIN)/python -m backstride.report

hostile: $(MODEL) ## Send 10,000 hostile requests to a server of its own (the tests send 2,000)
	@HOSTILE_REQUESTS=10000 $(BIN)/python -m pytest tests/server/test_hostile.py -q

format: $(INSTALLED) ## Put the code into the project's format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

evaluate: $(MODEL) ## Measure how well the messages of FILE=questions.jsonl are understood
	@$(BIN)/python -m benchmarks.evaluate $(FILE)

compare: $(INSTALLED) ## Compare our pipeline with others (an hour; keeps what was measured)
	@$(BIN)/python -m benchmarks.nlu.compare

bench: $(MODEL) $(WIDGET) ## Measure speed beside the stock starter, which takes about half an hour
	@$(BIN)/python -m benchmarks.speed
	@$(BIN)/python -m benchmarks.speed.flat
	@$(BIN)/python -m benchmarks.widget

widget: $(WIDGET) ## Build the chat for websites if it changed

screenshots: $(MODEL) $(WIDGET) ## Take the pictures of the chat in docs/pictures anew
	@$(BIN)/python -m tests.web.screenshots

conversations: $(MODEL) $(WIDGET) ## Write docs/conversations.md anew from what the assistant says
	@$(BIN)/python -m tests.conversations

lock: $(UV) ## Resolve requirements.in anew into requirements.lock
	$(UV) pip compile requirements.in --override requirements-overrides.txt --python-version 3.10 \
	  --universal --generate-hashes --no-emit-index-url --no-annotate --upgrade --quiet \
	  --custom-compile-command "make lock" --output-file requirements.lock
	$(UV) pip compile requirements-tools.in --python-version 3.10 \
	  --universal --generate-hashes --no-emit-index-url --no-annotate --upgrade --quiet \
	  --custom-compile-command "make lock" --output-file requirements-tools.lock

clean: ## Remove everything that make made
	rm -rf .uv .venv .node .tools .run .cache .rasa models results web/node_modules web/dist

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

$(WIDGET_PACKAGES): web/package.json web/package-lock.json requirements-node.lock
	@echo "==> Installing what the chat is built with"
	@web/npm ci --silent --no-audit --no-fund --ignore-scripts || { echo "The packages of the chat could not be installed. Check the network and run make again."; exit 1; }
	@touch $@

$(WIDGET): $(WIDGET_PACKAGES) web/vite.config.ts web/tsconfig.json $(wildcard web/src/*.ts)
	@echo "==> Building the chat for websites"
	@web/npm run --silent build -- --logLevel warn
	@touch $@

.tools/.installed: requirements-tools.lock | $(UV)
	@test -x .tools/bin/python || $(UV) venv --quiet --python 3.10 .tools
	@$(UV) pip sync --quiet --python .tools/bin/python --require-hashes requirements-tools.lock
	@touch $@

$(MODEL): $(INSTALLED) $(TRAINED_FROM)
	@echo "==> Training (only what changed)"
	@OPENBLAS_CORETYPE=$${OPENBLAS_CORETYPE:-$$($(BIN)/python -m backstride.processor)} \
	  $(BIN)/rasa train --fixed-model-name backstride --out models --skip-validation || { echo "Training failed. 'make check' names the file and the cure."; exit 1; }
	@touch $@
