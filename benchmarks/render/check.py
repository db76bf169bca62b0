"""That a file says all that a contract says: read back with pdftotext, without the heads and feet of its pages."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pypdfium2

NOT_TEXT = {"lang", "region", "draft_mark", "seal_place", "page", "code_line", "issuer", "qr", "created"}
"""No text of the body: on a draft only, on every page, or no text at all."""


def missing_texts(texts: dict[str, Any], file: bytes) -> list[str]:
    """Those of `texts` that the file does not say, white space aside: lines end where each renderer has them end."""
    mark = _without_space("".join(texts["draft_mark"]))
    said = _without_space(_body(file)).replace(mark, "")  # it comes between pages
    return [text for text in dict.fromkeys(_all(texts)) if _without_space(text) not in said]


def page_count(file: bytes) -> int:
    return len(pypdfium2.PdfDocument(file))


def _body(file: bytes) -> str:
    crop = ["-x", "0", "-y", "58", "-W", "596", "-H", "730"]
    command = ["pdftotext", "-raw", *crop, "-", "-"]
    return subprocess.run(command, input=file, capture_output=True, check=True).stdout.decode()


def _all(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _all(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key not in NOT_TEXT:
                yield from _all(each)


def _without_space(text: str) -> str:
    return "".join(text.split())
