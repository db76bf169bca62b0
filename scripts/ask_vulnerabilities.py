"""Asks whether the locked packages have known vulnerabilities: run by .venv-audit's Python, for `make audit`.

Status 0: each package was asked about, and none has any. 1: those listed have. 3: the question could not be asked,
which is not a clean answer. pip-audit by itself says "No known vulnerabilities found", with status 0, where the service
knows none of the packages, and where it keeps no vulnerabilities. So a package that surely has some is asked about too.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LOCKS = ("requirements/runtime.txt", "requirements/dev.txt")
SERVICES = ("pypi", "osv")
KNOWN_BAD = "django==3.2.0"
"""CVE-2021-35042, an SQL injection, and dozens more."""
CLEAN, VULNERABLE, NOT_ASKED = 0, 1, 3
Answer = list[dict[str, Any]]


def ask(service: str, *arguments: str) -> Answer:
    """What pip-audit found out; empty where the service does not answer.

    Of each package `{name, version, vulns: [{id, fix_versions}]}`, or `{name, skip_reason}`.
    """
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", service, "--disable-pip"]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", "15", *arguments]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    try:
        found: Answer = json.loads(said)["dependencies"]
    except ValueError:
        return []
    return found


def knows_the_known(answer: Answer) -> bool:
    return any(package.get("vulns") for package in answer)


def verdict(answer: Answer) -> tuple[int, list[str]]:
    """The status, and a line for each package that has vulnerabilities or was not asked about."""
    bad = [
        f"{package['name']} {package['version']}: {found['id']}, mended in {' '.join(found['fix_versions']) or 'none'}"
        for package in answer
        for found in package.get("vulns", [])
    ]
    unasked = [f"{package['name']}: {package['skip_reason']}" for package in answer if "skip_reason" in package]
    if bad:
        return VULNERABLE, bad + unasked
    return (NOT_ASKED, unasked) if unasked or not answer else (CLEAN, [])


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        known = Path(folder) / "known.txt"
        known.write_text(KNOWN_BAD + "\n")
        for service in SERVICES:
            if not knows_the_known(ask(service, "--no-deps", "--requirement", str(known))):
                print(f"{service}: does not answer, or does not know what is wrong with {KNOWN_BAD}")
                continue
            locks = [word for lock in LOCKS for word in ("--requirement", lock)]
            status, lines = verdict(answer := ask(service, "--require-hashes", *locks))
            print(*lines, f"{service} was asked about {len(answer)} packages: status {status}", sep="\n")
            if status != NOT_ASKED:
                return status
    print("NOT ASKED: no service of known vulnerabilities can be reached from here. This is not a clean answer.")
    return NOT_ASKED


if __name__ == "__main__":
    sys.exit(main())
