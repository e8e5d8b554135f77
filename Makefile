# What can be done with a checkout; `make check` is what the test command runs.
.PHONY: check format lint types layers test test-slow bench

check: lint types layers test

format:
	ruff format .
	ruff check --fix .

lint:
	ruff format --check .
	ruff check .

types:
	mypy

layers:
	lint-imports

test:
	pytest -n 2 --dist loadgroup

# builds that are killed, interrupted, out of memory, on a full disk, under readers
test-slow:
	pytest -m slow

# DOCUMENTS is a .jsonl.gz file with one {"id", "text"} a line; GRAPH (if given) a folder that kg build made
bench:
	python benchmarks/throughput.py $(DOCUMENTS)
	python benchmarks/scaling.py $(DOCUMENTS)
	$(if $(GRAPH),python benchmarks/stores.py $(GRAPH))
