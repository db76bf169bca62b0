"""`make bench`: every benchmark in turn. Ratios within one run are what counts; times depend on the machine."""

import runpy
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
]

over_budget = []
for module in MODULES:
    print(f"\n== {module}", flush=True)
    try:
        runpy.run_module(f"benchmarks.{module}", run_name="__main__")
    except SystemExit as ended:
        if ended.code:
            over_budget.append(module)
if over_budget:
    sys.exit(f"Over budget: {', '.join(over_budget)}")
