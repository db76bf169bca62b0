"""What others say of a file: pyHanko alone, and poppler's pdfsig."""

import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

NO_SIGNATURE, UNREADABLE = "no signature", "unreadable"
NO_ANSWER = "no answer"
"""It was still reading when it was told to stop. pyHanko is not asked where that is known: it cannot be stopped."""
PDFSIG_SECONDS = 20
"""For most files it takes hundredths; for one of more than 20 MB several seconds where the machine is busy."""
HAS_PDFSIG = shutil.which("pdfsig") is not None
_WORDS = {
    "Signature is Valid.": "valid",
    "Signature is Invalid.": "invalid",
    "Digest Mismatch.": "digest mismatch",
    "Signature has not yet been verified.": "not verified",
    "Document isn't signed or corrupted data.": "corrupted",
    "Unknown Validation Failure.": "unknown failure",
}


def pyhanko_says(content: bytes, root: x509.Certificate, tsa_root: x509.Certificate) -> str:
    """For each signature, `valid` or `invalid` (pyHanko's bottom line, with these roots alone, now) and its coverage.

    `no signature` where there is none, `unreadable` where pyHanko gives the file up.
    """
    try:
        signatures = PdfFileReader(BytesIO(content)).embedded_regular_signatures
        return "; ".join(_bottom_line(signature, root, tsa_root) for signature in signatures) or NO_SIGNATURE
    except Exception:  # parsers raise anything for damaged files
        return UNREADABLE


def _bottom_line(signature: EmbeddedPdfSignature, *roots: x509.Certificate) -> str:
    seals, timestamps = (ValidationContext(trust_roots=[root]) for root in roots)
    try:
        status = validate_pdf_signature(signature, seals, timestamps)
    except SignatureValidationError:
        return "refused"
    return f"{'valid' if status.bottom_line else 'invalid'} {status.coverage.name if status.coverage else 'NONE'}"


def pdfsig_says(content: bytes, folder: Path) -> str:
    """For each signature, pdfsig's word (-nocert: our root is in no list of its) and whether it covers the file."""
    path = folder / "asked.pdf"
    path.write_bytes(content)
    try:
        done = subprocess.run(
            ["pdfsig", "-nocert", str(path)], capture_output=True, check=False, text=True, timeout=PDFSIG_SECONDS
        )
    except subprocess.TimeoutExpired:
        return NO_ANSWER
    validations = re.findall(r"- Signature Validation: (.*)", done.stdout)
    totals = [
        "total" if found == "Total" else "partial" for found in re.findall(r"- (Total|Not total) doc", done.stdout)
    ]
    if not validations:
        return NO_SIGNATURE if "does not contain any signatures" in done.stdout + done.stderr else UNREADABLE
    words = [_WORDS.get(validation, validation) for validation in validations]
    totals += ["unknown"] * (len(words) - len(totals))
    return "; ".join(f"{word} {total}" for word, total in zip(words, totals, strict=False))


def says_yes(opinion: str) -> bool:
    """Whether somebody who only looks for a valid signature is told that there is one, and no bad one."""
    return all(each.startswith("valid") for each in opinion.split("; "))
