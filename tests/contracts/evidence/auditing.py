"""An auditor who was sent a bundle by email: unpacks it, and does what README.txt says, word for word."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from contracts.models import Contract

TOOLS = ("unzip", "sha256sum", "cmp", "diff", "openssl", "pdfsig", "pdftotext", "pdfdetach")
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
            steps.append(Step(before.title, f"{before.commands}{line}\n", before.prints))  # as it is copied
        elif line.startswith(ARROW):
            steps[-1].prints.append(line.removeprefix(ARROW))
    return steps


def failing(folder: Path, steps: list[Step] | None = None, shell: str = "sh") -> list[str]:
    """The titles of the steps that do not end as README.txt says; `steps` are those of another README.txt."""
    return [step.title for step in steps or steps_in(folder) if not step.holds(folder, shell)]


def step_that(folder: Path, *says: str) -> Step:
    """The step, in a folder where the first one was done: it makes the folder for the results."""
    (folder.parent / "check").mkdir(exist_ok=True)
    [step] = [step for step in steps_in(folder) if all(word in step.title + step.commands for word in says)]
    return step
