"""What a seal costs, against pyHanko's own SimpleSigner call on the same draft, key and field (P-256, visible).

    .venv/bin/python -m benchmarks.seal

Contracts of several lengths, in Chinese. Ours also drops the draft's marks, draws the seal and lays the straddle seal;
the stock call leaves the marks and draws its default stamp. Prints the least CPU and wall time in ms of runs that take
turns, and the ratios of CPU time, those of sealing to the budget of 0.6. The validation that follows it in
a conversion is shown beside it.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.test import override_settings  # noqa: E402
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: E402
from pyhanko.sign import signers  # noqa: E402
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter  # noqa: E402

from benchmarks.render.samples import contract  # noqa: E402
from contracts.pdf import render_draft  # noqa: E402
from contracts.sealing import seal, validate_seal  # noqa: E402
from contracts.sealing.embedded import make_test_seal  # noqa: E402
from contracts.sealing.pages import clear_draft_marks  # noqa: E402
from contracts.sealing.structure import Structure  # noqa: E402

RUNS = {1: 50, 20: 50, 200: 30}
"""Orders → runs."""
BUDGET = 0.6
ISSUER = "Fir & Oak Cloud (Shanghai) Co., Ltd."
"""Of the certificate too. A name in Chinese there would make the stock call take three times as long, ours not."""


def stock_call(p12: Path, draft: bytes) -> Callable[[], bytes]:
    """The call as pyHanko's documentation has it: SimpleSigner, its default stamp, size found by a dry run."""
    signer = signers.SimpleSigner.load_pkcs12(str(p12))
    writer = IncrementalPdfFileWriter(BytesIO(draft))
    _, place = clear_draft_marks(writer, Structure(writer))
    meta = signers.PdfSignatureMetadata(
        field_name="ContractSeal",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    field = SigFieldSpec("ContractSeal", on_page=place.page, box=place.box)

    def sign() -> bytes:
        writer = IncrementalPdfFileWriter(BytesIO(draft))
        return signers.sign_pdf(writer, meta, signer=signer, new_field_spec=field).getvalue()

    return sign


def measure(calls: dict[str, Callable[[], object]], runs: int) -> dict[str, tuple[float, float]]:
    """Least (CPU, wall) milliseconds of each call, warm; the calls take turns, so that a slow moment hits all."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for turn in range(runs + 3):
        for name, call in calls.items():
            cpu, wall = time.process_time(), time.perf_counter()
            call()
            if turn >= 3:
                times[name].append(((time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000))
    return {name: (min(cpu for cpu, _ in taken), min(wall for _, wall in taken)) for name, taken in times.items()}


def main() -> int:
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        made = make_test_seal(Path(folder) / "seal", name=ISSUER, passphrase="")
        options = {"SEAL_P12": str(made.path), "SEAL_P12_PASSPHRASE": "", "SEAL_ALLOW_TEST": True, "SEAL_TSA_URL": ""}
        with override_settings(**options):
            print(f"{'orders':>6}  {'':<9}{'CPU ms':>8}{'wall ms':>9}{'ratio':>8}{'kB':>8}")
            for count, runs in RUNS.items():
                document = contract(count, "zh-hans", 0)
                draft = render_draft(document)
                sealed = seal(draft, number=document.number, issuer_name=ISSUER)
                stock = stock_call(made.path, draft)
                result = measure(
                    {
                        "stock": stock,
                        "seal": lambda number=document.number, draft=draft: seal(
                            draft, number=number, issuer_name=ISSUER
                        ),
                        "validate": lambda draft=draft, sealed=sealed: validate_seal(sealed, draft=draft),
                    },
                    runs,
                )
                sizes = {"stock": stock(), "seal": sealed}
                for name, (cpu, wall) in result.items():
                    size = f"{len(sizes[name]) / 1000:>8.1f}" if name in sizes else ""
                    print(f"{count:>6}  {name:<9}{cpu:>8.1f}{wall:>9.1f}{cpu / result['stock'][0]:>8.2f}{size}")
                worst = max(worst, result["seal"][0] / result["stock"][0])
    print(f"worst ratio {worst:.2f}, budget {BUDGET}: {'within' if worst <= BUDGET else 'OVER'}")
    return int(worst > BUDGET)


if __name__ == "__main__":
    if main():
        sys.exit(1)
