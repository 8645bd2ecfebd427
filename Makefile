# Start here: `make demo` opens the assistant on a simulated recording, `make test` runs the fast tests.
PY ?= python3
BIN := .venv/bin
# A spinning OpenMP thread starves its neighbour on a small machine; passive waiting costs little.
export OMP_WAIT_POLICY := PASSIVE
export GRADIO_ANALYTICS_ENABLED := False
export MPLBACKEND := Agg

.PHONY: setup demo test test-all check lock clean
setup: .venv/.installed

.venv/.installed: pyproject.toml lock.txt
	$(PY) -m venv .venv
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r lock.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@

demo: setup
	$(BIN)/glossa ui

test: setup
	$(BIN)/python -m pytest -q -m "not slow"

test-all: setup
	$(BIN)/python -m pytest -q

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock:
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --extra evals --group dev pyproject.toml -o lock.txt

clean:
	rm -rf .venv
