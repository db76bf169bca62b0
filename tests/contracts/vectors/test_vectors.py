"""Every vector gets its verdict from us; the tests marked exhaustive ask all of them, and pyHanko and pdfsig too."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

import pytest
import time_machine

from contracts.verification.file_verdict import verdict_of_file
from contracts.verification.sandbox.reading import read_facts
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.make import write_vectors
from tests.contracts.vectors.opinions import HAS_PDFSIG, NO_ANSWER, pdfsig_says, pyhanko_says
from tests.contracts.vectors.table import TARGET, page
from tests.contracts.vectors.vector import Vector, all_vectors

pytestmark = pytest.mark.django_db
VECTORS = all_vectors()
OF_EACH_KIND = list({(vector.family, vector.findings, vector.status): vector for vector in VECTORS}.values())
"""One vector for each verdict in each family."""


@pytest.fixture(scope="module")
def content_of(kit: Kit) -> Callable[[Vector], bytes]:
    """Build each vector's file once."""
    return cache(partial(Vector.build, kit=kit))


def test_our_verdict(kit: Kit, content_of, subtests, monkeypatch):
    """Files that are not hostile are read in this process, which takes half the time of the sandbox."""
    monkeypatch.setattr("contracts.verification.file_verdict.read_in_sandbox", read_facts)
    for vector in OF_EACH_KIND:
        if not vector.hostile:
            with _asked(vector, subtests):
                _check_verdict(vector, content_of(vector), kit)


def test_our_verdict_on_hostile_files(kit: Kit, content_of, subtests):
    for vector in VECTORS:
        if vector.hostile and not vector.slow:
            with _asked(vector, subtests):
                _check_verdict(vector, content_of(vector), kit)


@pytest.mark.exhaustive
def test_the_sandbox_gives_the_same_verdict(kit: Kit, content_of, subtests):
    for vector in VECTORS:
        if vector.slow or not vector.hostile:
            with _asked(vector, subtests):
                _check_verdict(vector, content_of(vector), kit)


@pytest.mark.exhaustive
def test_pyhanko_says_what_is_recorded(kit: Kit, content_of, subtests):
    for vector in VECTORS:
        if vector.pyhanko != NO_ANSWER:
            with _asked(vector, subtests):
                assert pyhanko_says(content_of(vector), *kit.ours.pinned) == vector.pyhanko


@pytest.mark.exhaustive
def test_pdfsig_says_what_is_recorded(content_of, subtests, tmp_path: Path):
    if not HAS_PDFSIG:
        pytest.skip("needs pdfsig (Debian package poppler-utils)")
    for vector in VECTORS:
        with subtests.test(vector.name):
            assert pdfsig_says(content_of(vector), tmp_path) == vector.pdfsig


@contextmanager
def _asked(vector: Vector, subtests: pytest.Subtests) -> Iterator[None]:
    with subtests.test(vector.name), time_machine.travel(vector.asked, tick=False):
        yield


def _check_verdict(vector: Vector, content: bytes, kit: Kit) -> None:
    verdict = verdict_of_file(content)
    assert verdict.authentic == vector.authentic
    assert {finding.code.value for finding in verdict.findings} == vector.findings
    assert verdict.status == vector.status
    assert verdict.number == (kit[vector.number].number if vector.number else None)


def test_a_reason_is_given_where_others_differ_and_only_there():
    assert [vector.name for vector in VECTORS if bool(vector.because) == vector.all_agree] == []


def test_only_what_we_sealed_is_authentic():
    assert {vector.family for vector in VECTORS if vector.authentic} == {"genuine"}
    assert all(vector.authentic for vector in VECTORS if vector.family == "genuine")
    assert len({vector.name for vector in VECTORS}) == len(VECTORS) >= 180


@pytest.mark.exhaustive
def test_the_script_writes_every_file_and_its_description(kit: Kit, content_of, tmp_path: Path):
    assert write_vectors(tmp_path, kit, content_of) == len(VECTORS)
    described = json.loads((tmp_path / "vectors.json").read_text())
    assert {one["name"] for one in described} == {file.stem for file in tmp_path.glob("*.pdf")}


def test_the_page_in_the_docs_shows_these_vectors():
    assert TARGET.read_text() == page(), "run python -m tests.contracts.vectors.table"
