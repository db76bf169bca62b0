"""Released versions: samples of their data in tests/data/releases, and their code in the history."""

import io
import subprocess
import tarfile
import tomllib
from pathlib import Path

import pytest

from tests.system.processes import ROOT

RELEASES = ROOT / "tests" / "data" / "releases"


def own_version() -> str:
    project: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return project["version"]


def versions() -> list[str]:
    """The released versions, oldest first."""
    names = {path.name.rpartition("-")[0] for path in RELEASES.glob("*.tar.gz")}
    return sorted(names, key=lambda name: [int(part) for part in name.split(".")])


def unpack_code(version: str, folder: Path) -> None:
    """Unpack the code of the version from the history into the folder. Skips the test without it."""
    stated = ["git", "log", "-1", "--format=%H", f'-Sversion = "{version}"', "--", "pyproject.toml"]
    commit = subprocess.run(stated, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    if not commit:
        pytest.skip(f"needs the history of the repository, with version {version}")
    code = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(code)) as archive:
        archive.extractall(folder, filter="data")
