# make run: set everything up and do the main job.  make test: set everything up and pass the tests.
# Both need python3.11 or 3.12, pip and make. Another Python: make run PYTHON=python3.12. Another port: make run PORT=3001

PYTHON ?= python3
PORT ?= 3000
DIVERSION_HOME ?= var
VENV := .venv
BIN := $(VENV)/bin
UV := UV_SYSTEM_CERTS=1 UV_COMPILE_BYTECODE=1 $(BIN)/uv pip install --quiet --python $(BIN)/python

export DIVERSION_HOME
export BENTOML_DO_NOT_TRACK := true
export MLFLOW_DISABLE_TELEMETRY := true

.PHONY: run test stop ui lint mutations malformed gates soak bench bench-engine bench-stream bench-reasons bench-service bench-growth bench-evidence bench-scoring bench-cluster bench-world bench-champion bench-exploration bench-training pins clean

run: $(VENV)/ready
	@$(BIN)/diversion demo --port $(PORT)

stop: $(VENV)/ready
	@$(BIN)/diversion stop

ui: $(VENV)/ready
	@$(BIN)/mlflow ui --backend-store-uri sqlite:///$(DIVERSION_HOME)/mlflow/mlflow.db --host 127.0.0.1 --port 5000

test: lint
	@$(BIN)/pytest -n 2 --dist loadfile

lint: $(VENV)/ready-to-test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# Measure ten simulated worlds against the gates that keep them hard (about twenty minutes).
gates: $(VENV)/ready-to-test
	@$(BIN)/python -m training.benchmark.gates

# Break one law of the features at a time and see which test turns red (about ten minutes).
mutations: $(VENV)/ready-to-test
	@$(BIN)/python -m benchmarks.mutations

# 300 kills under load, one worker and the whole service in turns; it goes on where it stopped (an hour or two). Then
# 64,000 requests for 1,000 orders, 30 workers killed, 1,000 edits of the record, on both databases (hours).
soak: $(VENV)/ready-to-test
	@$(BIN)/python -m tests.serving.soak --kills 300
	@DIVERSION_KILLS=30 DIVERSION_STORM_ORDERS=1000 DIVERSION_STORM_EACH=1000 DIVERSION_EDITS=1000 \
	  $(BIN)/pytest --timeout=0 tests/serving/test_workers.py tests/features/record/test_chain.py

# Durable scored orders against echoes of the same body, the load generator beside them (five minutes).
bench-service: $(VENV)/ready-to-test
	@$(BIN)/python -m benchmarks.service

# The service after 10,000, 100,000 and a million orders: start to ready, memory, CPU an order (an hour, 5 GB of disk).
bench-growth: $(VENV)/ready-to-test
	@$(BIN)/python -m benchmarks.growth

# Requests that are not as they should be, ten times as many as the tests send (some minutes).
malformed: $(VENV)/ready-to-test
	@$(BIN)/python -m tests.serving.malformed --requests 50000

# The engine against pandas, polars and DuckDB, and on the Fraud Detection Handbook's data where HANDBOOK names them.
bench: $(VENV)/ready-to-bench
	@$(BIN)/python -m benchmarks.rivals --rows 500000 --rows 2000000
	@$(BIN)/python -m benchmarks.handbook

# Every entry on every task of the simulated world, and how fast the large one streams (an hour or two).
bench-world: $(VENV)/ready-to-bench
	@$(BIN)/diversion benchmark --json $(DIVERSION_HOME)/benchmark.json
	@$(BIN)/python -m benchmarks.world

# The champion against its rivals on ten simulated worlds (an hour and a half).
bench-champion: $(VENV)/ready-to-bench
	@$(BIN)/python -m benchmarks.champion --entry "explainable boosting" --entry catboost

# Eight rounds of retraining with and without random audits, on five simulated worlds (an hour).
bench-exploration: $(VENV)/ready-to-test
	@$(BIN)/python -m benchmarks.exploration

# Training on pasts of 0.2, 2 and 10 million lines (ten minutes, 10 GB of memory).
bench-training: $(VENV)/ready-to-test
	@$(BIN)/python -m benchmarks.training

# The engine by itself, all families: batches of growing size, single orders, a cold start (ten minutes, 20 GB of memory).
bench-engine: $(VENV)/ready-to-bench
	@$(BIN)/python -m benchmarks.engine

# The stream driver beside the batch, on 8 million invented order lines (ten minutes, 15 GB of disk).
bench-stream: $(VENV)/ready-to-test
	@$(BIN)/python -m benchmarks.stream

# Scores and exact reasons from tables beside LightGBM's own (a minute).
bench-reasons: $(VENV)/ready-to-test
	@$(BIN)/python -m benchmarks.reasons

# Links of notices against the sealed truth, the notices of 2021, 100,000 notices against 2 million lines, the command on
# one notice against as many, and what evidence gives a model in five worlds (an hour).
bench-evidence: $(VENV)/ready-to-test
	@$(BIN)/python -m benchmarks.evidence links --orders 60000
	@$(BIN)/python -m benchmarks.evidence story
	@$(BIN)/python -m benchmarks.evidence scale
	@$(BIN)/python -m benchmarks.evidence cold
	@$(BIN)/python -m benchmarks.evidence worth

# A past scored end to end beside LightGBM's prediction alone, 1 and 4 million lines (half an hour, 30 GB of disk).
bench-scoring: $(VENV)/ready-to-test
	@$(BIN)/python -m benchmarks.scoring

# A past of a million lines on a local Dask cluster of one and of two workers, beside the plain run (some minutes).
bench-cluster: $(VENV)/ready-to-test
	@$(BIN)/python -m benchmarks.cluster

$(VENV)/uv: requirements/bootstrap.txt requirements/check.py
	@$(PYTHON) requirements/check.py
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

$(VENV)/ready: $(VENV)/uv requirements/run.txt pyproject.toml
	@echo "installing the pinned requirements (a few minutes at most)"
	@$(UV) --require-hashes -r requirements/run.txt
	@$(UV) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/ready-to-test: $(VENV)/ready requirements/dev.txt
	@echo "installing the pinned requirements of the tests"
	@$(UV) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/ready-to-bench: $(VENV)/ready-to-test requirements/bench.txt
	@echo "installing the rivals of the benchmarks"
	@$(UV) --require-hashes -r requirements/bench.txt
	@touch $@

# Make the pins anew from pyproject.toml, without the addresses of any package index.
PIN := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
pins: $(VENV)/uv
	$(PIN) pyproject.toml --group build -o requirements/run.txt > /dev/null
	$(PIN) pyproject.toml --group dev --extra dask -c requirements/run.txt -o requirements/dev.txt > /dev/null
	$(PIN) pyproject.toml --group bench --extra rivals -c requirements/run.txt -c requirements/dev.txt -o requirements/bench.txt > /dev/null

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis
