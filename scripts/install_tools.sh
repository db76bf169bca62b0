#!/usr/bin/env bash
# What the whole test run needs beyond Python: Chromium and fonts for the pages, poppler to read PDFs back,
# gettext for `make messages`, SoftHSM to keep a seal's key in, PgBouncer to go through, promtool to check alerts; Java and JAXB for veraPDF, and
# other readers of PDF files. For Debian.
set -euo pipefail
missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v pdftotext >/dev/null || missing+=(poppler-utils)
command -v java >/dev/null || missing+=(openjdk-17-jre-headless)
[ -e /usr/share/java/jaxb-impl.jar ] || missing+=(libjaxb-java)
command -v qpdf >/dev/null || missing+=(qpdf)
command -v mutool >/dev/null || missing+=(mupdf-tools)
command -v gs >/dev/null || missing+=(ghostscript)
command -v openssl >/dev/null || missing+=(openssl)
command -v unzip >/dev/null || missing+=(unzip)
command -v curl >/dev/null || missing+=(curl)
compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || missing+=(postgresql)
command -v msgfmt >/dev/null || missing+=(gettext)
command -v softhsm2-util >/dev/null || missing+=(softhsm2)
command -v age >/dev/null || missing+=(age)
command -v pgbouncer >/dev/null || missing+=(pgbouncer)
command -v redis-server >/dev/null || missing+=(redis-server)
command -v systemd-analyze >/dev/null || missing+=(systemd)
command -v kubectl >/dev/null || missing+=(kubernetes-client)
fc-list 2>/dev/null | grep -qi "noto sans cjk" || missing+=(fontconfig fonts-noto-core fonts-noto-cjk)
as_root=(); [ "$(id -u)" -eq 0 ] || as_root=(sudo)
if [ ${#missing[@]} -ne 0 ]; then
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
# promtool alone, out of the package prometheus, which would also start a server.
if ! command -v promtool >/dev/null; then
    folder=$(mktemp -d)
    trap 'rm -r "$folder"' EXIT
    "${as_root[@]}" apt-get update -qq
    (cd "$folder" && apt-get -o APT::Sandbox::User=root download -qq prometheus && dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool)
    "${as_root[@]}" install "$folder/usr/bin/promtool" /usr/local/bin/
fi
