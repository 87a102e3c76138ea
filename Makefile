# Thin on purpose: the work is in manage.py commands and scripts/ (docs/operations.md).
PYTHON ?= python3
unexport PYTHONDONTWRITEBYTECODE
BOOTSTRAP = @exec $(PYTHON) scripts/bootstrap.py

.PHONY: run test lint format services services-stop bench build messages lock screenshots

run: ; $(BOOTSTRAP) run
test: ; $(BOOTSTRAP) test $(ARGS)
format: ; $(BOOTSTRAP) lint --fix
lint: ; $(BOOTSTRAP) lint $(ARGS)
build: ; $(BOOTSTRAP) prepare
bench: ; $(BOOTSTRAP) bench $(ARGS)
screenshots: ; $(BOOTSTRAP) screenshots $(ARGS)
messages: ; $(BOOTSTRAP) messages update
lock: ; @exec $(PYTHON) scripts/lock.py
services: ; @exec $(PYTHON) scripts/services.py start
services-stop: ; @exec $(PYTHON) scripts/services.py stop
