"""What a seal costs, against pyHanko's own SimpleSigner call on the same draft, key and field (P-256, visible).

    .venv/bin/python -m benchmarks.seal [draft.pdf]

Prints CPU and wall time in ms per document, medians over interleaved runs, and the ratio to the budget of 0.6.
"""

import os
import statistics
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

from contracts.sealing import seal, validate_seal  # noqa: E402
from contracts.sealing.embedded import make_test_seal  # noqa: E402
from contracts.sealing.pages import clear_draft_marks  # noqa: E402
from tests.contracts.sealing.conftest import make_draft  # noqa: E402

RUNS = 60
BUDGET = 0.6
NUMBER, ISSUER = "EC-7K3M-9QXA", "Electronic Contract Centre"


def stock_call(p12: Path) -> Callable[[bytes], bytes]:
    """The call as pyHanko's documentation has it: SimpleSigner, its default stamp, size found by a dry run."""
    signer = signers.SimpleSigner.load_pkcs12(str(p12))

    def sign(draft: bytes) -> bytes:
        writer = IncrementalPdfFileWriter(BytesIO(draft))
        _, page, box = clear_draft_marks(writer)
        meta = signers.PdfSignatureMetadata(
            field_name="ContractSeal",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        )
        field = SigFieldSpec("ContractSeal", on_page=page, box=box)
        return signers.sign_pdf(writer, meta, signer=signer, new_field_spec=field).getvalue()

    return sign


def measure(calls: dict[str, Callable[[], object]]) -> dict[str, tuple[float, float]]:
    """Median (CPU, wall) milliseconds of each call, the calls taking turns so that a slow moment hits all."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for turn in range(RUNS + 5):
        for name, call in calls.items():
            cpu, wall = time.process_time(), time.perf_counter()
            call()
            if turn >= 5:
                times[name].append((time.process_time() - cpu, time.perf_counter() - wall))
    return {
        name: (statistics.median(t[0] for t in taken) * 1000, statistics.median(t[1] for t in taken) * 1000)
        for name, taken in times.items()
    }


def main() -> int:
    drafts = {Path(name).name: Path(name).read_bytes() for name in sys.argv[1:]}
    drafts = drafts or {"1 page": make_draft(1), "10 pages": make_draft(10)}
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        made = make_test_seal(Path(folder) / "seal", name=ISSUER, passphrase="")
        options = {"SEAL_P12": str(made.path), "SEAL_P12_PASSPHRASE": "", "SEAL_ALLOW_TEST": True, "SEAL_TSA_URL": ""}
        with override_settings(**options):
            stock = stock_call(made.path)
            print(f"{'seal':<34}{'CPU ms':>9}{'wall ms':>9}{'ratio':>8}")
            for label, draft in drafts.items():
                sealed = seal(draft, number=NUMBER, issuer_name=ISSUER)
                result = measure(
                    {
                        "stock": lambda draft=draft: stock(draft),
                        "seal": lambda draft=draft: seal(draft, number=NUMBER, issuer_name=ISSUER),
                        "validate": lambda draft=draft, sealed=sealed: validate_seal(sealed, draft=draft),
                    }
                )
                print(f"{label}: {len(draft) / 1000:.0f} kB draft, {len(sealed) / 1000:.0f} kB sealed")
                for name, (cpu, wall) in result.items():
                    print(f"  {name:<32}{cpu:>9.1f}{wall:>9.1f}{cpu / result['stock'][0]:>8.2f}")
                worst = max(worst, result["seal"][0] / result["stock"][0])
    print(f"worst ratio {worst:.2f}, budget {BUDGET}: {'within' if worst <= BUDGET else 'OVER'}")
    return 0 if worst <= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
