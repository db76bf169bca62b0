#!/usr/bin/env bash
# PostgreSQL on 127.0.0.1:5432 and Redis on 127.0.0.1:6379 for the test run, started only when they do not answer.
# Neither outlives a crash of the machine: PostgreSQL waits for no disk, so that tests empty its tables six times as fast.
set -euo pipefail
if ! redis-cli -h 127.0.0.1 ping 2>/dev/null | grep -q PONG; then
    redis-server --daemonize yes --bind 127.0.0.1 --port 6379 --save "" --appendonly no
fi
if ! pg_isready -q -h 127.0.0.1 -p 5432; then
    version=$(ls /etc/postgresql | sort -V | tail -n 1)
    conf=/etc/postgresql/$version/main/pg_hba.conf
    grep -q '^host all all 127.0.0.1/32 trust' "$conf" || sed -i '1i host all all 127.0.0.1/32 trust' "$conf"
    pg_ctlcluster --skip-systemctl-redirect -o "-c fsync=off" "$version" main start
fi
for _ in $(seq 60); do
    pg_isready -q -h 127.0.0.1 -p 5432 && redis-cli -h 127.0.0.1 ping | grep -q PONG && exit 0
    sleep 0.5
done
echo "PostgreSQL or Redis did not start" >&2
exit 1
