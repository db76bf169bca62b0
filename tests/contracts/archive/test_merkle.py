"""The trees are those of RFC 9162: the vectors are Certificate Transparency's own (RFC 6962's reference code)."""

from hashlib import sha256

import pytest

from contracts.trail.merkle import Tree, leaf_hash, root_over

pytestmark = pytest.mark.rule("R38")
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize("count", ROOTS)
def test_the_root(count):
    tree = Tree()
    for leaf in LEAVES[:count]:
        tree.add(leaf_hash(leaf))
    assert tree.finish() == ROOTS[count]


def test_every_path_leads_to_the_root_and_no_other_leaf_does():
    for count in range(1, 35):
        leaves = [sha256(bytes([number])).digest() for number in range(count)]
        for wanted, leaf in enumerate(leaves):
            tree = Tree()
            for number, each in enumerate(leaves):
                tree.add(leaf_hash(each), wanted=number == wanted)
            root = tree.finish()
            assert root_over(leaf_hash(leaf), tree.path) == root
            assert root_over(leaf_hash(b"another"), tree.path) != root
