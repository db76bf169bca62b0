"""PDFs read back with other people's tools."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest


def run_on(content: bytes, *command: str) -> str:
    """The output of a poppler command on a file with `content`; `{}` in the command stands for the file."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"needs {command[0]} (Debian package poppler-utils)")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "contract.pdf"
        file.write_bytes(content)
        words = [word.replace("{}", str(file)) for word in command]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def pdf_text(content: bytes) -> str:
    """What pdftotext reads, laid out as on the page."""
    return run_on(content, "pdftotext", "-layout", "{}", "-")
