# The web process, the worker and the clock: one image, three commands (compose.yaml). The fonts come with the code.
# docs/operations.md says how to pin the base image by its digest.
ARG PYTHON_IMAGE=python:3.13-slim-trixie

FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# pg_dump and pg_restore of compose.yaml's PostgreSQL, for back_up and restore; strip. Debian keeps no patch version but
# the last.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client-17 binutils
COPY requirements/runtime.txt /tmp/runtime.txt
# Nothing is built and no code of a package runs: wheels alone, by their hashes. The environment has no pip of its own.
RUN python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv install --no-compile --require-hashes --only-binary :all: -r /tmp/runtime.txt
# Never used: other languages than ours, the interfaces of other Amazon services, tests, sources of what is compiled,
# and what only debuggers read.
RUN find /opt/venv -path '*/babel/locale-data/*.dat' ! -name 'root.dat' ! -name 'en*' ! -name 'zh*' -delete \
    && find /opt/venv -type d -path '*/botocore/data/*' -prune ! -name s3 ! -name sts -exec rm -r {} + \
    && find /opt/venv -type d -regex '.*/locale/[^/]+' ! -name 'en*' ! -name 'zh*' ! -name __pycache__ -prune -exec rm -r {} + \
    && find /opt/venv -type d -name tests -prune -exec rm -r {} + \
    && find /opt/venv -type f -regex '.*\.\(c\|cpp\|h\|hpp\|pyx\|pxd\|pxi\|pyi\)' -delete \
    && find /opt/venv -type f \( -name '*.cpython-*.so' -o -name '*.abi3.so' \) -exec strip --strip-unneeded {} +
WORKDIR /app
COPY . .
# The static files of packages are needed only until they are collected. Bytecode is kept of what is imported.
RUN export DEBUG=false DATA_DIR=/tmp/data \
        SECRET_KEY=of-the-build-alone-and-never-seen-by-a-running-system ALLOWED_HOSTS=localhost SITE_URL=http://localhost \
    && PYTHONDONTWRITEBYTECODE=1 /opt/venv/bin/python manage.py collectstatic --noinput \
    && find staticfiles -name '*.map*' -delete \
    && find /opt/venv -type d -path '*/site-packages/*/static' ! -exec test -e {}/__init__.py \; -prune -exec rm -r {} + \
    && PYTHONPATH=. /opt/venv/bin/python scripts/compile_imports.py \
    && /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /app

FROM ${PYTHON_IMAGE}
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="Electronic Contract Centre" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.revision="${REVISION}" \
    org.opencontainers.image.created="${CREATED}"
# The libraries of pg_dump and pg_restore; Debian's package has psql and Perl as well.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 liblz4-1 libzstd1 zlib1g \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
COPY --from=build /usr/lib/postgresql/17/bin/pg_dump /usr/lib/postgresql/17/bin/pg_restore /usr/lib/postgresql/17/bin/
RUN groupadd --system --gid 10001 contracts \
    && useradd --system --uid 10001 --gid 10001 --home-dir /app --shell /usr/sbin/nologin contracts \
    && install -d -o 10001 -g 10001 -m 0700 /data /data/seal
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DEBUG=false DATA_DIR=/data
WORKDIR /app
USER 10001:10001
VOLUME /data
EXPOSE 8000
# The Host header must be one that is answered to.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "scripts/healthcheck.py"]
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", \
    "--max-requests", "2000", "--max-requests-jitter", "200", "--no-control-socket", \
    "--worker-tmp-dir", "/dev/shm"]
