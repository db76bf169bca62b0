#!/usr/bin/env bash
# Builds stand-ins for the images of others in compose.yaml, where these cannot be pulled: the same programs, of Debian
# and of the Caddy of .venv-audit, under their names. Needs what scripts/build_image.sh made. For tests, not for
# production (sockets are in /tmp, as podman 4 gives a tmpfs over a symbolic link to root): scripts/build_stand_ins.sh removes them again with --remove.
set -euo pipefail
cd "$(dirname "$0")/.."
base=localhost/stand-in-for-$(sed -n 's/^ARG PYTHON_IMAGE=//p' Dockerfile)
image_of() { sed -n "s/^ *image: \($1:.*\)/docker.io\/library\/\1/p" compose.yaml; }
postgres=$(image_of postgres) redis=$(image_of redis) caddy=$(image_of caddy)

if [ "${1:-}" = --remove ]; then
    podman rmi --force "$postgres" "$redis" "$caddy" >/dev/null
    exit
fi
build() { buildah build --isolation chroot --layers --format docker --tag "$1" --file - "$2" >/dev/null; }

podman image exists "$postgres" || build "$postgres" deploy <<EOF
FROM $base
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql-17 && rm -rf /var/lib/apt/lists/*
RUN rm -rf /var/lib/postgresql/17 && install -d -o postgres -g postgres -m 0700 /var/lib/postgresql/data && \
    printf '%s\n' '#!/bin/sh' 'set -e' 'bin=/usr/lib/postgresql/17/bin; data=/var/lib/postgresql/data' \
    'if [ ! -s \$data/PG_VERSION ]; then' \
    '  echo "\$POSTGRES_PASSWORD" > /tmp/password' \
    '  \$bin/initdb --pgdata \$data --username "\$POSTGRES_USER" --pwfile /tmp/password --auth scram-sha-256 --encoding UTF8 --locale C.UTF-8' \
    '  echo "host all all all scram-sha-256" >> \$data/pg_hba.conf' \
    '  \$bin/pg_ctl --pgdata \$data -o "-c listen_addresses= -c unix_socket_directories=/tmp" -w start' \
    '  PGPASSWORD=\$POSTGRES_PASSWORD createdb --host /tmp --username "\$POSTGRES_USER" "\$POSTGRES_DB" || true' \
    '  \$bin/pg_ctl --pgdata \$data -w stop' \
    'fi' \
    'exec \$bin/postgres -D \$data -c listen_addresses="*" -c unix_socket_directories=/tmp' > /usr/local/bin/start && chmod 0755 /usr/local/bin/start
ENV PATH=/usr/lib/postgresql/17/bin:/usr/local/bin:/usr/bin:/bin
CMD ["start"]
EOF
podman image exists "$redis" || build "$redis" deploy <<EOF
FROM $base
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/*
WORKDIR /data
EOF
podman image exists "$caddy" || build "$caddy" .venv-audit/bin <<EOF
FROM $base
COPY caddy /usr/bin/caddy
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
EOF
podman image ls --format '{{.Repository}}:{{.Tag}} {{.Size}}' | grep -E 'library/(postgres|redis|caddy):'
