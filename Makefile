# make run: a running system on this machine. make test, make lint, make bench: what their names say.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test test-all schema lint format audit deployment sbom bench screenshots document-pictures messages lock

run: .venv/runtime-installed
	$(BIN)/python scripts/run.py

# Containers often set PYTHONDONTWRITEBYTECODE. Then every worker compiles all tests, and every process all code, anew.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist worksteal

test: .venv/dev-installed
	@echo "Left out: tests marked exhaustive. make test-all runs them too."
	$(PYTEST) -m "not exhaustive" $(ARGS)

test-all: .venv/dev-installed
	$(PYTEST) $(ARGS)

lint: .venv/dev-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --check $$(git ls-files 'templates/*.html')
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/python manage.py makemigrations --check --dry-run

format: .venv/dev-installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade $$(git ls-files 'templates/*.html')

# Typst and WeasyPrint, which the renderer is measured against, are in .venv-bench and nowhere else. WeasyPrint also
# needs scripts/install_bench_tools.sh.
bench: .venv/dev-installed .venv-bench/installed
	$(BIN)/python -m benchmarks

# Known vulnerabilities of what is locked, and the container files. Make ends with 2 whatever fails; the script's own
# status says whether there are any (1) or nobody could be asked (3).
audit: deployment
	.venv-audit/bin/python scripts/ask_vulnerabilities.py

deployment: .venv-audit/installed
	.venv-audit/bin/hadolint --failure-threshold info Dockerfile
	.venv-audit/bin/compose-lint check --quiet --skip-suppressed --fail-on low --strict-config --no-env compose.yaml
	SECRET_KEY=given POSTGRES_PASSWORD=given REDIS_PASSWORD=given .venv-audit/bin/docker-compose --env-file deploy/env.example --profile s3 config --quiet
	PUBLIC_HOST=contracts.example.com .venv-audit/bin/caddy validate --adapter caddyfile --config deploy/Caddyfile
	kubectl kustomize deploy/kubernetes --output .venv-audit/kubernetes.yaml
	.venv-audit/bin/kubernetes-validate --strict --quiet .venv-audit/kubernetes.yaml

# What the runtime is made of, as it is checked in, by docs/licences.md and the lock.
sbom: .venv-audit/installed .venv-runtime/installed
	.venv-audit/bin/python scripts/write_sbom.py

screenshots: .venv/dev-installed
	$(BIN)/python scripts/screenshots.py

document-pictures: .venv/dev-installed
	$(BIN)/python scripts/document_pictures.py

# Collects the texts of code and templates for translation, and compiles the translations. Needs Debian's gettext.
messages: .venv/dev-installed
	$(BIN)/python manage.py makemessages -l zh_Hans --no-wrap --no-obsolete --add-location file --ignore tests
	$(BIN)/python manage.py compilemessages -l zh_Hans --ignore '.venv*'

# The API's description, as it is checked in.
schema: .venv/dev-installed
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --format openapi-json --file docs/openapi.json

# The lock files hold hashes and no address of a registry. Needs uv. Follow it up with docs/licences.md and make sbom.
lock:
	uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header -o requirements/runtime.txt
	uv pip compile -q --group dev pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header -c requirements/runtime.txt -o requirements/dev.txt
	uv pip compile -q --group bench --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header -c requirements/runtime.txt -c requirements/dev.txt -o requirements/bench.txt
	uv pip compile -q --group audit --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header -o requirements/audit.txt

	uv pip compile -q --group clients --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header -c requirements/dev.txt -o requirements/clients.txt

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 …"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/runtime-installed: requirements/runtime.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/dev-installed: requirements/dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@ .venv/runtime-installed

.venv-bench/installed: requirements/bench.txt | $(BIN)/python
	$(BIN)/python -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# Generators of clients, in Python and, with npm, in TypeScript.
.venv-clients/installed: requirements/clients.txt tests/api/clients/typescript/npm-shrinkwrap.json | $(BIN)/python
	$(BIN)/python -m venv .venv-clients
	.venv-clients/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	cp tests/api/clients/typescript/package.json tests/api/clients/typescript/npm-shrinkwrap.json .venv-clients
	cd .venv-clients && npm ci --silent --no-audit --no-fund
	@touch $@

.venv-audit/installed: requirements/audit.txt | $(BIN)/python
	$(BIN)/python -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# The runtime as the image has it: nothing but what is locked, no pip and no setuptools either.
.venv-runtime/installed: requirements/runtime.txt | $(BIN)/python
	$(BIN)/python -m venv --clear --without-pip .venv-runtime
	$(BIN)/python -m pip --python .venv-runtime install --quiet --disable-pip-version-check --require-hashes \
		--only-binary :all: -r $<
	@touch $@
