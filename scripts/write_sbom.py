"""Writes docs/sbom.json, CycloneDX 1.6: run by .venv-audit's Python, for `make sbom`.

Packages are those of requirements/runtime.txt, on every platform; what needs what is asked of .venv-runtime; licences,
and the parts that are no packages, are read from docs/licences.md. No time, serial number or address is in it: the
same lock makes the same file. The hashes of what pip installs are in the lock.
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs/sbom.json"
LOCK = ROOT / "requirements/runtime.txt"
PARTS = "Parts that are not packages of their own"
CARRIER = "drf-spectacular-sidecar"
"""The package that carries the parts whose files are not ours to keep."""
Component = dict[str, Any]


def table(heading: str) -> list[list[str]]:
    """The cells of the table under that heading of docs/licences.md, row by row."""
    section = (ROOT / "docs/licences.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def licences_of_packages() -> dict[str, str]:
    """The licence of each package, from docs/licences.md."""
    return {package: spdx for spdx, packages in table("Packages") for package in packages.split(", ")}


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def locked() -> dict[str, str]:
    """The version of each package of the lock."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", LOCK.read_text(), re.MULTILINE))


def normal(name: str) -> str:
    """A package's name as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def ask(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "cyclonedx_py", *arguments, "--output-reproducible", "--sv", "1.6"]
    found: dict[str, Any] = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    return found


def licence(expression: str) -> list[dict[str, Any]]:
    return [{"expression": expression}] if " " in expression else [{"license": {"id": expression}}]


def part(name: str, version: str, spdx: str, files: list[str]) -> Component:
    """A part that is no package: with the hashes of its files, where they are ours to keep."""
    inside = [
        {
            "type": "file",
            "bom-ref": file,
            "name": file,
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256((ROOT / file).read_bytes()).hexdigest()}],
        }
        for file in files
    ]
    found = {"type": "library", "bom-ref": name, "name": name, "version": version, "licenses": licence(spdx)}
    return found | ({"components": inside} if inside else {})


def ref(installed: str, purls: dict[str, str]) -> str:
    """Our name for what cyclonedx-py calls `Name==version`, or for ourselves."""
    return purls[normal(installed.partition("==")[0])] if "==" in installed else installed


def bom() -> dict[str, Any]:
    licences = licences_of_packages()
    purls = {name: f"pkg:pypi/{name}@{version}" for name, version in locked().items()}
    packages = [
        {
            "type": "library",
            "bom-ref": purls[name],
            "name": name,
            "version": version,
            "licenses": licence(licences[name]),
            "purl": purls[name],
        }
        for name, version in locked().items()
    ]
    parts = [part(name, version, spdx, quoted(files)) for name, version, spdx, _text, files in table(PARTS)]
    installed = ask("environment", ".venv-runtime", "--pyproject", "pyproject.toml")
    us = installed["metadata"]["component"]
    needs = {
        ref(one["ref"], purls): [ref(other, purls) for other in one.get("dependsOn", [])]
        for one in installed["dependencies"]
    }
    for one in parts:
        needs[us["bom-ref"] if "components" in one else purls[CARRIER]].append(one["bom-ref"])
    return {
        "$schema": installed["$schema"],
        "bomFormat": "CycloneDX",
        "specVersion": installed["specVersion"],
        "version": 1,
        "metadata": {"component": us},
        "components": packages + parts,
        "dependencies": [{"ref": who, "dependsOn": sorted(others)} for who, others in sorted(needs.items())],
    }


def main() -> None:
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 - of .venv-audit; tests read the rest of this file
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    text = json.dumps(bom(), indent=2) + "\n"
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong:
        sys.exit(f"the schema refuses it: {wrong}")
    TARGET.write_text(text)


if __name__ == "__main__":
    main()
