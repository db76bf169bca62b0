"""The archive is asked, and what it says of itself."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command

from contracts.documents.files import path_of
from contracts.models import ContractDocument


def told(*arguments: str) -> tuple[list[str], str]:
    """What is wrong, a line each, and the last line."""
    out = StringIO()
    try:
        call_command("verify_archive", "--processes", "1", *arguments, stdout=out)
        code = 0
    except SystemExit as stop:
        code = stop.code
    lines = out.getvalue().splitlines()
    wrong = [line for line in lines if line.startswith("WRONG")]
    assert code == (1 if wrong else 0)
    return wrong, lines[-1]


def said(*arguments: str) -> str:
    """What a command prints."""
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def file_of(contract, kind: ContractDocument.Kind, files: Path) -> Path:
    return files / path_of(contract.documents.get(kind=kind).sha256)
