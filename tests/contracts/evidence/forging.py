"""What a forger does to an unpacked bundle: changes files, and signs the checksums anew with a key of their own."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from contracts import sealing
from contracts.sealing.detached import sign_detached

Change = Callable[[Path], None]


@dataclass(frozen=True)
class Forgery:
    """`finds` are words of the step that fails, `says` is in its output."""

    what: str
    change: Change
    finds: str
    says: str


def with_new_sums(folder: Path) -> None:
    """Nothing but the signature stands in the way of new checksums."""
    names = sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
    listed = [name for name in names if not name.startswith("SHA256SUMS")]
    sums = subprocess.run(["sha256sum", *listed], cwd=folder, capture_output=True, check=True).stdout
    (folder / "SHA256SUMS").write_bytes(sums)


def signed_anew(folder: Path) -> None:
    """By the seal that is configured now: the forger's."""
    with_new_sums(folder)
    (folder / "SHA256SUMS.p7s").write_bytes(sign_detached(BytesIO((folder / "SHA256SUMS").read_bytes())))


def replaced(file: str, old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        content = (folder / file).read_bytes()
        assert old.encode() in content
        (folder / file).write_bytes(content.replace(old.encode(), new.encode(), 1))

    return change


def added(file: str, content: bytes = b"%PDF-1.7") -> Change:
    return lambda folder: (folder / file).write_bytes(content) and None


def copied(file: str, to: str) -> Change:
    return lambda folder: (folder / to).write_bytes((folder / file).read_bytes()) and None


def removed(file: str) -> Change:
    return lambda folder: (folder / file).unlink()


def lines_of_trail(change: Callable[[list[str]], list[str]]) -> Change:
    """Changes the entries, and leaves the first and the last line."""

    def edit(folder: Path) -> None:
        file = folder / "audit-trail.json"
        first, *entries, last = file.read_text().splitlines(keepends=True)
        file.write_text("".join([first, *change(entries), last]))

    return edit


def made_anew(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Change:
    """Changes members of each event, and makes the chain anew. Only the daily lists, and whoever kept a hash, tell."""

    def chained(entries: list[str]) -> list[str]:
        lines, previous = [], ""
        for entry in entries:
            event = json.loads(entry.strip(",\n"))["event"] | {"previous": previous}
            text = json.dumps(event | change(event), separators=(",", ":"), sort_keys=True)
            previous = sha256(text.encode()).hexdigest()
            lines.append(f'{{"hash":"{previous}","event":{text}}}')
        return [",\n".join(lines), "\n"]

    return lines_of_trail(chained)


def sealed_by_the_forger(folder: Path) -> None:
    (folder / "official.pdf").write_bytes(seal_anew(folder))


def seal_anew(folder: Path) -> bytes:
    """The draft of a bundle, sealed by the seal in use. The seal says the same words."""
    contract = json.loads((folder / "contract.json").read_text())
    draft, issuer = (folder / "draft.pdf").read_bytes(), contract["party_b"]["name"]
    return sealing.seal(draft, number=contract["number"], issuer_name=issuer)


def both(*changes: Change) -> Change:
    def change(folder: Path) -> None:
        for one in changes:
            one(folder)

    return change


ENTRY = '{"hash":"' + "0" * 64 + '","event":{"kind":"official"}},\n'
SIGNED, SUMS, NAMES, TRAIL = "-signer ../check/bundle.pem", "sha256sum -c", "no other files", "unbroken"

FORGERIES = [
    Forgery("README.txt rewritten", replaced("README.txt", "cmp", "cat"), SUMS, "README.txt: FAILED"),
    Forgery("contract.json changed", replaced("contract.json", "2026", "2027"), SUMS, "contract.json: FAILED"),
    Forgery("orders.json changed", replaced("orders.json", "0", "9"), SUMS, "orders.json: FAILED"),
    Forgery("another certificate", added("certificates/seal-1.pem"), SUMS, "certificates/seal-1.pem: FAILED"),
    Forgery(
        "orders.json changed, new checksums",
        both(replaced("orders.json", "0", "9"), with_new_sums),
        SIGNED,
        "verification failure",
    ),
    Forgery(
        "orders.json left out of the checksums",
        replaced("SHA256SUMS", "orders.json", "orders.txt"),
        SIGNED,
        "verification failure",
    ),
    Forgery("signature removed", removed("SHA256SUMS.p7s"), NAMES, "< ./SHA256SUMS.p7s"),
    Forgery("file added", added("receipt.pdf"), NAMES, "> ./receipt.pdf"),
    Forgery("hidden file added", added("certificates/.receipt"), NAMES, "> ./certificates/.receipt"),
    Forgery("file with a strange name added", added("a\nREADME.txt"), NAMES, "> ./a"),
    Forgery("link added", lambda folder: (folder / "link").symlink_to("draft.pdf"), NAMES, "> ./link"),
    Forgery("file removed", removed("orders.json"), NAMES, "< ./orders.json"),
    Forgery(
        "entry changed",
        lines_of_trail(lambda entries: [entries[0].replace('"source":"page"', '"source":"api"'), *entries[1:]]),
        TRAIL,
        "CHANGED",
    ),
    Forgery("entry moved", lines_of_trail(lambda entries: [entries[1], entries[0], *entries[2:]]), TRAIL, "NOT NEXT"),
    Forgery("trail cut short", lines_of_trail(lambda entries: entries[:-1]), TRAIL, ""),
    Forgery("entry removed", lines_of_trail(lambda entries: entries[1:]), TRAIL, "NOT NEXT"),
    Forgery("entry added", lines_of_trail(lambda entries: [*entries, ENTRY]), TRAIL, f"NOT UNDERSTOOD: {ENTRY}"),
    Forgery(
        "entry with another member",
        lines_of_trail(lambda entries: [entries[0].replace('"source"', '"note":1,"source"'), *entries[1:]]),
        TRAIL,
        '"note":1',
    ),
    Forgery(
        "trail made anew with a gap", made_anew(lambda event: {"position": event["position"] * 2}), TRAIL, "NOT NEXT"
    ),
    Forgery(
        "trail made anew from two",
        made_anew(lambda event: {"previous": "0" * 64 if event["position"] == 2 else event["previous"]}),
        TRAIL,
        "NOT NEXT",
    ),
    *(
        Forgery(f"trail made anew with {member}", made_anew(lambda event, more=member: more), TRAIL, "NOT UNDERSTOOD")
        for member in ({"a": 1}, {"b": 1}, {"note": 1}, {"r": 1}, {"zz": 1}, {"contract": "X"}, {"data": {"x": {}}})
    ),
    Forgery("text in the trail", lines_of_trail(lambda entries: ["void\n", *entries]), TRAIL, "NOT UNDERSTOOD: void"),
    Forgery("text behind the trail", replaced("audit-trail.json", "]}\n", "]}\nvoid"), TRAIL, "> void"),
    Forgery("entry twice", lines_of_trail(lambda entries: [entries[0], *entries]), TRAIL, "NOT NEXT"),
    Forgery(
        "trail of another contract",
        replaced("audit-trail.json", '{"contract":"', '{"contract":"X'),
        TRAIL,
        "NOT UNDERSTOOD",
    ),
    Forgery(
        "validation report on another file",
        copied("void-certificate-validation-report.xml", "official-validation-report.xml"),
        "grep -o 'mainindication:[a-z-]*' official",
        "total-passed",
    ),
]
"""By somebody without a key."""

FORGERIES_WITH_A_KEY = [
    Forgery(
        "checksums signed by another key",
        both(replaced("orders.json", "0", "9"), signed_anew),
        SIGNED,
        "Verification successful",
    ),
    Forgery(
        "contract.json changed and signed by another key",
        both(replaced("contract.json", "2026", "2027"), signed_anew),
        "< contract.json",
        "",
    ),
    Forgery(
        "contract sealed by another key",
        both(sealed_by_the_forger, signed_anew),
        "-signer ../check/official.pem",
        "Verification successful",
    ),
]
"""By a company with a certificate of the same authority: only the key tells."""
