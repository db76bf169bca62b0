"""Every vector gets the verdict that it must, and the others say of it what is recorded."""

import json
from pathlib import Path

import pytest
import time_machine

from contracts.verification.file_verdict import verdict_of_file
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.make import write_vectors
from tests.contracts.vectors.opinions import HAS_PDFSIG, NO_ANSWER, pdfsig_says, pyhanko_says
from tests.contracts.vectors.table import TARGET, page
from tests.contracts.vectors.vector import Vector, all_vectors

pytestmark = pytest.mark.django_db
VECTORS = all_vectors()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_what_is_said_of_it(vector: Vector, kit: Kit, subtests, tmp_path: Path):
    with time_machine.travel(vector.asked, tick=False):
        content = vector.make(kit)
        with subtests.test("by us"):
            verdict = verdict_of_file(content)
            assert verdict.authentic == vector.authentic
            assert {finding.code.value for finding in verdict.findings} == vector.findings
            assert verdict.status == vector.status
            assert verdict.number == (kit[vector.number].number if vector.number else None)
        if vector.pyhanko != NO_ANSWER:  # it would take a quarter of an hour
            with subtests.test("by pyHanko alone"):
                assert pyhanko_says(content, *kit.ours.pinned) == vector.pyhanko
    with subtests.test("by pdfsig"):
        if not HAS_PDFSIG:
            pytest.skip("needs pdfsig (Debian package poppler-utils)")
        assert pdfsig_says(content, tmp_path) == vector.pdfsig


def test_why_we_differ_is_said_and_only_then():
    assert [vector.name for vector in VECTORS if bool(vector.because) == vector.all_agree] == []


def test_none_but_what_we_sealed_is_authentic():
    assert {vector.family for vector in VECTORS if vector.authentic} == {"genuine"}
    assert all(vector.authentic for vector in VECTORS if vector.family == "genuine")
    assert len({vector.name for vector in VECTORS}) == len(VECTORS) >= 40


def test_the_script_writes_every_file_and_what_it_is(kit: Kit, tmp_path: Path):
    assert write_vectors(tmp_path, kit) == len(VECTORS)
    told = json.loads((tmp_path / "vectors.json").read_text())
    assert {one["name"] for one in told} == {file.stem for file in tmp_path.glob("*.pdf")}


def test_the_page_in_the_docs_is_of_these_vectors():
    assert TARGET.read_text() == page(), "run python -m tests.contracts.vectors.table"
