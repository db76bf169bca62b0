"""An auditor who was sent a bundle by email: unpacks it, and does what README.txt says, word for word."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from contracts.models import Contract

TOOLS = ("unzip", "sha256sum", "cmp", "openssl", "pdfsig", "pdftotext")
MARGIN = " " * 8
ARROW = "→ "

needs_tools = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason="one of unzip, sha256sum, cmp, openssl and poppler-utils is missing"
)


@dataclass(frozen=True)
class Step:
    """One step of README.txt: its text, its commands, and what it says that they print."""

    title: str
    commands: str
    prints: list[str]

    def run(self, folder: Path, shell: str = "sh") -> str:
        done = subprocess.run([shell, "-c", self.commands], cwd=folder, capture_output=True, text=True, check=False)
        return done.stdout  # what goes to stderr alone is not what README.txt says is printed

    def holds(self, folder: Path, shell: str = "sh") -> bool:
        """Whether everything that README.txt says is printed."""
        printed = self.run(folder, shell).splitlines()
        return all(any(line in one for one in printed) for line in self.prints)


def unpacked(bundle: bytes, contract: Contract, where: Path) -> Path:
    """The bundle's one folder."""
    file = where / "evidence.zip"
    file.write_bytes(bundle)
    subprocess.run(["unzip", "-q", file, "-d", where], check=True)
    file.unlink()
    [folder] = where.iterdir()
    assert folder.name == f"{contract.number}-evidence"
    return folder


def steps_in(folder: Path) -> list[Step]:
    """The numbered steps of README.txt, as a reader takes them from the page."""
    steps: list[Step] = []
    for line in (folder / "README.txt").read_text().splitlines():
        number, dot, title = line.partition(". ")
        if dot and number == str(len(steps) + 1):
            steps.append(Step(title, "", []))
        elif steps and line.startswith(MARGIN):
            before = steps.pop()
            steps.append(Step(before.title, f"{before.commands}{line.removeprefix(MARGIN)}\n", before.prints))
        elif line.startswith(ARROW):
            steps[-1].prints.append(line.removeprefix(ARROW))
    return steps


def failing(folder: Path) -> list[str]:
    """The titles of the steps that do not end as README.txt says."""
    return [step.title for step in steps_in(folder) if not step.holds(folder)]


def step_that(folder: Path, says: str) -> Step:
    [step] = [step for step in steps_in(folder) if says in step.title or says in step.commands]
    return step
