"""The document's rendering against Typst's and WeasyPrint's of the same contracts: `make bench`, or after it

    .venv/bin/python -m benchmarks.render

Each renderer is warm, in a process of its own, and gets contracts that differ from each other. Ours takes the
snapshot; the others get their texts formatted and the QR code drawn, which their time does not contain. The figures
are the least CPU and wall milliseconds of several contracts, the ratios those of CPU time: other work on the machine
does not shift them. Before that, the texts of all files are compared.
"""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.template import Context, Engine  # noqa: E402

from benchmarks.render.check import missing_texts, page_count  # noqa: E402
from benchmarks.render.samples import contract, texts  # noqa: E402
from contracts.pdf import ContractSnapshot, render_draft  # noqa: E402
from contracts.pdf.fonts import FONT_FOLDER as FONTS  # noqa: E402

HERE = Path(__file__).resolve().parent
PYTHON = HERE.parents[1] / ".venv-bench" / "bin" / "python"
RUNS = {"ours": {1: 25, 20: 25, 200: 12}, "Typst": {1: 25, 20: 25, 200: 12}, "WeasyPrint": {1: 5, 20: 4, 200: 2}}
"""Renderer → orders → contracts rendered."""
TYPST_BUDGET = 1.0
"""The largest share of Typst's CPU time that ours may take."""


class Taken(NamedTuple):
    cpu: float
    wall: float
    file: bytes


class Worker:
    """One of the other renderers, running."""

    def __init__(self, name: str) -> None:
        command = [PYTHON, HERE / "worker.py", name, FONTS]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def render(self, document: str) -> Taken:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(document) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("A renderer ended. WeasyPrint needs Debian's libpango: scripts/install_bench_tools.sh")
        cpu, wall, file = json.loads(answer)
        return Taken(cpu, wall, base64.b64decode(file))

    def end(self) -> None:
        self.process.communicate()


def render_ours(document: ContractSnapshot) -> Taken:
    cpu, wall = time.process_time(), time.perf_counter()
    file = render_draft(document)
    return Taken((time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000, file)


def measure(count: int, language: str, renderers: dict[str, Callable[[ContractSnapshot], Taken]]) -> dict[str, Taken]:
    """Least times of each renderer, and the size of its largest file; the renderers take turns."""
    documents = [contract(count, language, seed) for seed in range(max(runs[count] for runs in RUNS.values()))]
    taken: dict[str, list[Taken]] = {name: [] for name in renderers}
    for n, document in enumerate(documents):
        for name, render in renderers.items():
            if n < RUNS[name][count]:
                taken[name].append(render(document))
    for name, [first, *_] in taken.items():
        if missing := missing_texts(texts(documents[0]), first.file):
            sys.exit(f"{name} does not say: {missing[:5]}")
    return {
        name: Taken(min(t.cpu for t in each), min(t.wall for t in each), max((t.file for t in each), key=len))
        for name, each in taken.items()
    }


def line(count: int, language: str, best: dict[str, Taken]) -> tuple[str, list[str]]:
    """A line of the table, and what in it is over budget."""
    ours, typst, weasyprint = best["ours"], best["Typst"], best["WeasyPrint"]
    to_typst, faster = ours.cpu / typst.cpu, weasyprint.cpu / ours.cpu
    times = "".join(f"{each.cpu:>8.1f}{each.wall:>8.1f}" for each in (ours, typst, weasyprint))
    sizes = "".join(f"{len(each.file) / 1000:>8.1f}" for each in (ours, typst, weasyprint))
    pages = "/".join(str(page_count(each.file)) for each in (ours, typst, weasyprint))
    over = []
    if to_typst > TYPST_BUDGET:
        over.append(f"{count} {language}: {to_typst:.2f} of Typst's time, budget {TYPST_BUDGET}")
    if len(ours.file) > len(typst.file):
        over.append(f"{count} {language}: {len(ours.file):,} bytes, Typst {len(typst.file):,}")
    return f"{count:>6}  {language:<8}{times}{to_typst:>9.2f}{faster:>9.1f}{sizes}  {pages}", over


def main() -> int:
    if not PYTHON.exists():
        sys.exit("Typst and WeasyPrint are not installed: run `make bench`.")
    started = time.perf_counter()
    render_draft(contract(1, "zh-hans", 0))
    print(f"first document, fonts loaded with it: {(time.perf_counter() - started) * 1000:.0f} ms")
    pages = Engine().from_string((HERE / "contract.html").read_text())
    typst, weasyprint = Worker("typst"), Worker("weasyprint")
    renderers = {
        "ours": render_ours,
        "Typst": lambda document: typst.render(json.dumps(texts(document))),
        "WeasyPrint": lambda document: weasyprint.render(pages.render(Context(texts(document)))),
    }
    print(f"{'':16}{'ours, ms':>16}{'Typst, ms':>16}{'WeasyPrint, ms':>16}{'CPU ratios':>18}{'size, kB':>24}")
    print(f"{'orders':>6}  {'language':<8}{'CPU':>8}{'wall':>8}{'CPU':>8}{'wall':>8}{'CPU':>8}{'wall':>8}", end="")
    print(f"{'Typst':>9}{'WeasyP.':>9}{'ours':>8}{'Typst':>8}{'WeasyP.':>8}  pages")
    over: list[str] = []
    for count in (1, 20, 200):
        for language in ("zh-hans", "en"):
            row, faults = line(count, language, measure(count, language, renderers))
            print(row, flush=True)
            over += faults
    typst.end()
    weasyprint.end()
    print("\n".join(["OVER:", *over]) if over else "within all budgets")
    return int(bool(over))


if __name__ == "__main__":
    if main():
        sys.exit(1)
