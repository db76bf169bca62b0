"""Python that runs inside the process that reads a foreign file."""

from django.utils import timezone

from contracts.sealing.trust import Trust
from contracts.verification.sandbox import Facts, read_in_sandbox

NOBODY = Trust((), (), (), ())
SOUND = b"%PDF-sound"


def instead(*lines: str) -> str:
    """Python that puts this body in place of reading a file, unless the file is SOUND."""
    body = "".join(f"    {line}\n" for line in lines)
    source = (
        "from contracts.verification.sandbox.reading import Facts, Problem\n"
        "def read(content, trusted, *, now):\n"
        f"    if content == {SOUND!r}: return Facts(count=1)\n{body}"
        "child.read_facts = read"
    )
    return f"exec({source!r})"


def facts(content: bytes = b"%PDF-") -> Facts:
    return read_in_sandbox(content, NOBODY, now=timezone.now())
