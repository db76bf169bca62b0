"""`make bench`: every benchmark in turn. Ratios within one run are what counts; times depend on the machine."""

import runpy

MODULES = ["render", "seal", "apply", "import_orders"]

for module in MODULES:
    print(f"\n== {module}", flush=True)
    runpy.run_module(f"benchmarks.{module}", run_name="__main__")
