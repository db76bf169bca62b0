"""`make document-pictures`: pictures of sealed contracts and void certificates in docs/documents/.

Invented orders, and a test seal that is made for the purpose and thrown away.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "documents"
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

import pypdfium2  # noqa: E402
from django.test.utils import override_settings  # noqa: E402
from PIL import Image, ImageColor  # noqa: E402

from contracts.pdf import ContractSnapshot, render_draft  # noqa: E402
from contracts.pdf.layout import PAGE_WIDTH  # noqa: E402
from contracts.pdf.void_certificate import VoidCertificate, render_void_certificate  # noqa: E402
from contracts.sealing import seal  # noqa: E402
from contracts.sealing.art import SIZE  # noqa: E402
from contracts.sealing.embedded import make_test_seal  # noqa: E402
from contracts.sealing.pages import WIDEST_SLICE  # noqa: E402
from contracts.types import ORDER  # noqa: E402
from tests.contracts.pdf.samples import APPLIED_AT, PARTY_A, PARTY_B, ZONE, snapshot  # noqa: E402

WIDTHS = {1: 560, 20: 400, 200: 200}
"""Orders → pixels that a page is wide in their picture."""
ISSUERS = {
    "en": "Fir & Oak Cloud (Shanghai) Co., Ltd.",
    "zh-hans": "上海杉橡云计算有限公司",
    "both": PARTY_B.name,
}
COLUMNS = {1: 3, 20: 4, 200: 8}
BACKGROUND, GAP = "#8d939c", 6
INKS = ["#1c2129", "#5c6673", "#1f3a5f", "#c8102e"]
"""Text, quiet text, headings, seal: what a page is printed with."""
TONES = 12


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        path = make_test_seal(Path(folder), name="Test", passphrase="").path
        with override_settings(
            SEAL_P12=str(path), SEAL_P12_PASSPHRASE="", SEAL_ALLOW_TEST=True, SEAL_TSA_URL="", SEAL_LEVEL=""
        ):
            for name, picture in pictures():
                save(picture, PICTURES / f"{name}.png")
    print(f"{sum(file.stat().st_size for file in PICTURES.glob('*.png')):,} bytes")


def pictures() -> Iterator[tuple[str, Image.Image]]:
    for count in (1, 20, 200):
        for kind in ("order", "payment_request"):
            for language in ("en", "zh-hans", "both"):
                sealed = sealed_contract(count, kind, language)
                name = f"{kind.replace('_', '-')}-{count:03}-{language}"
                yield name, sheet(pages_of(sealed, WIDTHS[count]), COLUMNS[count])
    yield "first-page", pages_of(sealed_contract(20, "order", "both"), 1100)[0]
    yield "last-page", pages_of(sealed_contract(20, "order", "both"), 1100)[-1]
    yield "straddle-seal", fanned(pages_of(sealed_contract(20, "payment_request", "zh-hans"), 900))
    yield (
        "void-certificate",
        sheet([pages_of(sealed_certificate(lang), 480)[0] for lang in ("en", "zh-hans", "both")], 3),
    )


def contract_of(count: int, **changes: Any) -> ContractSnapshot:
    """A contract of `count` orders whose issuer has a name in the contract's language."""
    language = changes["language"]
    issuer = replace(PARTY_B, name=ISSUERS[language])
    return snapshot(count, party_b=issuer, currency="USD" if language == "en" else "CNY", **changes)


def sealed_contract(count: int, kind: str, language: str) -> bytes:
    contract = contract_of(count, type=kind, language=language)
    return seal(render_draft(contract), number=contract.number, issuer_name=contract.party_b.name)


def sealed_certificate(language: str) -> bytes:
    contract = contract_of(20, language=language)
    certificate = VoidCertificate(
        number=contract.number,
        type=ORDER.document,
        language=language,  # type: ignore[arg-type]  # one of the three
        party_a=PARTY_A.name,
        party_b=contract.party_b.name,
        total_amount=contract.total_amount,
        currency=contract.currency,
        official_at=APPLIED_AT,
        voided_at=APPLIED_AT + timedelta(days=3),
        sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ticket="17",
        ticket_opened_at=APPLIED_AT + timedelta(days=2),
        decided_by="王芳 Wang Fang",
        time_zone=ZONE,
        verification_code=contract.verification_code,
        verification_url=contract.verification_url,
    )
    unsealed = render_void_certificate(certificate)
    return seal(unsealed, number=contract.number, issuer_name=certificate.party_b)


def pages_of(pdf: bytes, width: int) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()  # the seal is a signature field
    return [page.render(scale=width / page.get_width()).to_pil().convert("RGB") for page in document]


def sheet(pages: list[Image.Image], columns: int) -> Image.Image:
    """The pages in rows, on a background."""
    columns = min(columns, len(pages))
    width, height = (side + GAP for side in pages[0].size)
    rows = -(-len(pages) // columns)
    result = Image.new("RGB", (columns * width + GAP, rows * height + GAP), BACKGROUND)
    for n, page in enumerate(pages):
        result.paste(page, (n % columns * width + GAP, n // columns * height + GAP))
    return result


def fanned(pages: list[Image.Image]) -> Image.Image:
    """The middles of the pages, one behind the other, each looking out by its slice of the straddle seal."""
    width, height = pages[0].size
    step = round(min(SIZE / len(pages), WIDEST_SLICE) * width / PAGE_WIDTH)
    result = Image.new("RGB", (width + step * (len(pages) - 1), height // 3), BACKGROUND)
    for n, page in reversed(list(enumerate(pages))):
        result.paste(page.crop((0, height // 3, width, height // 3 * 2)), (n * step, 0))
    return result.crop((width // 2, 0, *result.size))


def save(picture: Image.Image, path: Path) -> None:
    """With few colours, as the pictures are kept in the repository: the inks on white, in a few tones."""
    palette = Image.new("P", (1, 1))
    colours: list[tuple[int, ...]] = [(255, 255, 255), ImageColor.getrgb(BACKGROUND)]
    for ink in map(ImageColor.getrgb, INKS):
        colours += [tuple(255 - (255 - part) * tone // TONES for part in ink) for tone in range(1, TONES + 1)]
    palette.putpalette([part for colour in colours for part in colour])
    picture.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}  {path.stat().st_size:,}")


if __name__ == "__main__":
    main()
