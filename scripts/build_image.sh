#!/usr/bin/env bash
# Builds the image of the Dockerfile without a daemon, as root on Debian: scripts/build_image.sh [NAME], by default
# electronic-contract-centre:local. It is kept where podman finds it. Where nobody serves the base image, a stand-in is
# made of the same Debian release and its Python, which is for trying things out and not for production.
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:-electronic-contract-centre:local}
base=$(sed -n 's/^ARG PYTHON_IMAGE=//p' Dockerfile)
stand_in=localhost/stand-in-for-$base

missing=()
for tool in buildah podman runc debootstrap catatonit; do command -v "$tool" >/dev/null || missing+=("$tool"); done
[ -e /usr/lib/podman/netavark ] || missing+=(netavark aardvark-dns)
if [ ${#missing[@]} -gt 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

make_stand_in() {
    local root suite=${base##*-} wanted
    wanted=$(grep -oE ':[0-9]+\.[0-9]+' <<<"$base" | tr -d :)
    root=$(mktemp -d)
    debootstrap --variant=minbase --include=ca-certificates,python3,python3-pip,python3-venv "$suite" "$root" >/dev/null
    chroot "$root" python3 --version | grep -qF "Python $wanted." ||
        { echo "Debian $suite has no Python $wanted: no stand-in for $base can be made." >&2; exit 1; }
    ln -s /usr/bin/python3 "$root/usr/local/bin/python"
    # Certificates that this machine trusts: a proxy of its network may sign with one of its own.
    cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/" 2>/dev/null || true
    chroot "$root" update-ca-certificates >/dev/null 2>&1
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
    tar -C "$root" -c . | podman import -q - "$stand_in" >/dev/null
    rm -rf "$root"
}

if ! buildah pull -q "docker.io/library/$base" >/dev/null 2>&1; then
    echo "$base cannot be pulled: the base is a stand-in."
    podman image exists "$stand_in" || make_stand_in
    base=$stand_in
fi
# Docker's format, as the other knows no health check.
buildah build --isolation chroot --layers --format docker --build-arg "PYTHON_IMAGE=$base" \
    --build-arg "REVISION=$(git rev-parse HEAD)" --build-arg "CREATED=$(git log -1 --format=%cI)" --tag "$name" .
podman image ls --format '{{.Repository}}:{{.Tag}} {{.Size}}' "$name"
