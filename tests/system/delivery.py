"""What the image holds, in a folder: files that git keeps and .dockerignore lets through, and the locked runtime."""

import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import pytest

from tests.system.processes import ROOT

RUNTIME = ROOT / ".venv-runtime"


def deliver(folder: Path) -> None:
    """Lays it all there. `.venv` is made by the two commands of README.md: `make .venv-runtime/installed`.

    Skips the test where that environment is not there, or is older than its lock.
    """
    if subprocess.run(["make", "-q", ".venv-runtime/installed"], cwd=ROOT, capture_output=True, check=False).returncode:
        pytest.skip("needs what production has, and no more: make .venv-runtime/installed")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    kept = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    for path in kept:
        if (ROOT / path).is_file() and not ignored(PurePosixPath(path)):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, folder / path)
    (folder / ".venv").symlink_to(RUNTIME)
    subprocess.run([RUNTIME / "bin/python", "-m", "compileall", "-q", folder], check=True)


def ignored(path: PurePosixPath) -> bool:
    """Whether .dockerignore keeps the file, or a folder that it is in, out of the image."""
    patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    places = [path, *path.parents][:-1]
    return any(
        fnmatch(place.name, pattern.removeprefix("**/")) if pattern.startswith("**/") else fnmatch(str(place), pattern)
        for place in places
        for pattern in patterns
    )


def contents(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
