"""The timestamps folder of a bundle: paths from the sealed documents to the roots of daily lists and stamps (R38).

A path's file begins with a line: that of the list which names the document, or that of the stamp which names the list.
Each further line joins a hash on one side (RFC 9162, 2.1).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.evidence.gathering import Evidence
from contracts.evidence.seals import stem_of
from contracts.sealing.stamps import Stamp, read_stamp
from contracts.trail import merkle
from contracts.trail.renewal.proof import Proof, StampProof, proof_of

FOLDER = "timestamps"


@dataclass(frozen=True, slots=True)
class DatedFile:
    """A sealed file, its place in a daily list, and the timestamps over this list, oldest first."""

    name: str
    proof: Proof
    stamps: tuple[Stamp, ...]

    @property
    def path(self) -> str:
        """Name in the bundle of the path to the list's root."""
        return f"{FOLDER}/{stem_of(self.name)}.path"

    def path_to(self, stamp: StampProof) -> str:
        """Return the name in the bundle of the path from the list's root to the stamp's."""
        return f"{FOLDER}/{stem_of(self.name)}-{stamp.number}.path"

    def contents(self) -> dict[str, bytes]:
        """Return name → content of the files in the bundle."""
        proof = self.proof
        paths = {self.path: _path(proof.leaf, proof.path)}
        paths |= {self.path_to(stamp): _path(stamp.line, stamp.path[1:]) for stamp in proof.stamps}
        return paths | {token_of(stamp): stamp.token for stamp in proof.stamps}


def dated_files(evidence: Evidence, names: Iterable[str]) -> list[DatedFile]:
    """Return those of the named files that a daily list names.

    Raises Refused `storage_unavailable`, and SealUnavailable if the root of a timestamp is not one of ours.
    """
    proofs = {name: proof_of(evidence.documents[name].sha256) for name in names}
    return [
        DatedFile(name, proof, tuple(read_stamp(stamp.token) for stamp in proof.stamps))
        for name, proof in proofs.items()
        if proof
    ]


def token_of(stamp: StampProof) -> str:
    """Return the name in the bundle of the stamp's timestamp."""
    return f"{FOLDER}/stamp-{stamp.number}.tst"


def _path(line: str, steps: Iterable[merkle.Step]) -> bytes:
    """The first step of a stamp's path joins the hash of its line, so the line stands for it."""
    return "".join(f"{text}\n" for text in (line, *(f"{side} {other}" for side, other in steps))).encode()
