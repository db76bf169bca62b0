"""`make bench`: every benchmark in turn. Ratios within one run are what counts; times depend on the machine."""

import subprocess
import sys

MODULES = [
    "render",
    "seal",
    "convert",
    "apply",
    "import_orders",
    "lists",
    "back_office",
    "clock",
    "verify",
    "archive",
    "api",
    "exports",
    "download",
]


def missed(module: str) -> bool:
    """Whether the benchmark is over its budget or fell; in a process of its own, for some start further ones."""
    print(f"\n== {module}", flush=True)
    return subprocess.run([sys.executable, "-m", f"benchmarks.{module}"], check=False).returncode != 0


if over_budget := [module for module in MODULES if missed(module)]:
    sys.exit(f"Over budget: {', '.join(over_budget)}")
