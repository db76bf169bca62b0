"""Merkle trees of RFC 9162, 2.1, over SHA-256: a leaf is hashed after the byte 0x00, two nodes after 0x01."""

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple


class Step(NamedTuple):
    """One step of the path from a leaf to the root: the hash beside it, and on which side it is joined."""

    side: str
    """`left` or `right`."""
    hash: str
    """In hex."""


class _Subtree(NamedTuple):
    leaves: int
    hash: bytes
    wanted: bool


def leaf_hash(content: bytes) -> bytes:
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that is built leaf by leaf. Memory grows with the logarithm of the number of leaves."""

    def __init__(self) -> None:
        self._subtrees: list[_Subtree] = []
        """Complete subtrees from left to right, each larger than the next."""
        self.path: list[Step] = []
        """From the wanted leaf to the root; complete after finish()."""

    def add(self, hash_: bytes, *, wanted: bool = False) -> None:
        """Add a leaf by its hash. The path of the `wanted` one is collected."""
        self._subtrees.append(_Subtree(1, hash_, wanted))
        while len(self._subtrees) > 1 and self._subtrees[-1].leaves == self._subtrees[-2].leaves:
            self._join_last_two()

    def finish(self) -> str:
        """Return the root in hex. Nothing can be added after this."""
        while len(self._subtrees) > 1:
            self._join_last_two()
        return (self._subtrees[0].hash if self._subtrees else sha256(b"").digest()).hex()

    def _join_last_two(self) -> None:
        right, left = self._subtrees.pop(), self._subtrees.pop()
        if left.wanted:
            self.path.append(Step("right", right.hash.hex()))
        if right.wanted:
            self.path.append(Step("left", left.hash.hex()))
        wanted = left.wanted or right.wanted
        self._subtrees.append(_Subtree(left.leaves + right.leaves, node_hash(left.hash, right.hash), wanted))


def root_over(hash_: bytes, path: Iterable[Step]) -> str:
    """Return the root in hex to which the path leads from a hash."""
    for side, other in path:
        beside = bytes.fromhex(other)
        hash_ = node_hash(beside, hash_) if side == "left" else node_hash(hash_, beside)
    return hash_.hex()
