"""Readers of all kinds open every document without a warning, and read its text in order."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from contracts.pdf.clauses import fill_clauses, get_variable_values
from contracts.pdf.labels import get_languages
from contracts.types import TYPES
from tests.contracts.archival.samples import LANGUAGES, draft, seal, void_certificate
from tests.contracts.pdf.reading import pages_of_text, squeezed
from tests.contracts.pdf.samples import snapshot

pytestmark = pytest.mark.rule("R40")
COMMANDS = {
    "qpdf": ("qpdf", "--check", "{file}"),
    "mutool": ("mutool", "draw", "-q", "-F", "txt", "-o", "{folder}/text", "{file}"),
    "gs": ("gs", "-q", "-dNOPAUSE", "-dBATCH", "-dPDFINFO", "-sDEVICE=nullpage", "{file}"),
    "poppler": ("pdftotext", "{file}", "{folder}/text"),
    "attachment": ("pdfdetach", "-saveall", "-o", "{folder}", "{file}"),
    "structure": ("pdfinfo", "-struct-text", "{file}"),
}
OF_THE_BUILD = "warning: ICC support is not available"
"""Debian builds mutool so."""
missing = [command[0] for command in COMMANDS.values() if not shutil.which(command[0])]
needs_readers = pytest.mark.skipif(bool(missing), reason=f"{missing} are not installed: scripts/install_tools.sh")


def complaints(pdf: bytes, folder: Path) -> dict[str, str]:
    """What each reader writes as an error or a warning."""
    path = folder / "document.pdf"
    path.write_bytes(pdf)
    found = {}
    for name, command in COMMANDS.items():
        words = [word.format(file=path, folder=folder) for word in command]
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
        said = (
            done.stderr.replace(OF_THE_BUILD, "").strip()
            if name != "gs"
            else _complaints_of_ghostscript(done.stdout + done.stderr)
        )
        if done.returncode or said:
            found[name] = f"{done.returncode}: {said[:500]}"
    with pikepdf.open(BytesIO(pdf)) as file:
        if problems := file.check_pdf_syntax():
            found["pikepdf"] = str(problems)
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    if not all(page.render(scale=0.2).to_pil().getbbox() for page in document):
        found["PDFium"] = "an empty page"
    return found


def _complaints_of_ghostscript(output: str) -> str:
    words = ("warning", "error", "repair")
    return "\n".join(line for line in output.splitlines() if any(word in line.lower() for word in words))


@needs_readers
def test_readers_open_a_draft_and_its_official_contract(test_seal, tmp_path):
    unsealed = draft("order", "en", 2)
    assert complaints(unsealed, tmp_path) == {}
    assert complaints(seal(unsealed), tmp_path) == {}


@needs_readers
def test_readers_complain_of_a_damaged_file(tmp_path):
    damaged = draft("order", "en", 2).replace(b"startxref\n", b"startxref\n1")
    assert {"qpdf", "mutool", "gs"} <= complaints(damaged, tmp_path).keys()


@needs_readers
@pytest.mark.exhaustive
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("type_", TYPES)
def test_readers_open_every_document(type_, language, test_seal, tmp_path):
    for count in (1, 20, 200):
        unsealed = draft.__wrapped__(type_, language, count)
        assert complaints(unsealed, tmp_path) == {}
        assert complaints(seal(unsealed), tmp_path) == {}


@needs_readers
@pytest.mark.exhaustive
@pytest.mark.parametrize("language", LANGUAGES)
def test_readers_open_every_void_certificate(language, test_seal, tmp_path):
    assert complaints(seal(void_certificate(language)), tmp_path) == {}


@needs_readers
@pytest.mark.parametrize("language", LANGUAGES)
def test_text_is_copied_in_reading_order(language, tmp_path):
    """By PDFium, as browsers do, by poppler, and along the structure."""
    pdf = draft("order", language, 2)
    contract = snapshot(2, language=language)
    by_pdfium = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    by_poppler = "".join(pages_of_text(pdf, tmp_path, "-raw"))
    expected = [line.number for line in contract.lines]
    values = get_variable_values(contract)
    for each in get_languages(language):
        clauses = fill_clauses(contract.clauses, each, bilingual=language == "both", **values)
        ordered = [*expected, *(squeezed(part) for clause in clauses for part in (clause.heading, clause.text))]
        for text in map(squeezed, (by_pdfium, by_poppler)):
            end = 0
            for part in ordered:
                end = text.index(part.replace("\ufffe", ""), end) + len(part)
