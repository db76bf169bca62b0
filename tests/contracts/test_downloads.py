"""A contract's files have an ETag; a caller gets a part of one, or nothing where they have it already (RFC 9110)."""

import pytest

from accounts.access.actors import actor_of
from contracts.documents import files as documents
from tests.api.conformance import problem
from tests.factories import draft, official

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]


@pytest.fixture
def contract(membership):
    return official(actor_of(membership, "api"))


@pytest.fixture(params=["api", "page"])
def get(request, api, client, membership, contract):
    """Fetches the contract's document, as a program and as a person do."""
    client.force_login(membership.user)
    by = {"api": (api.client, "/api/v1"), "page": (client, "")}[request.param]

    def fetch(method: str = "get", **headers: str):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(by[0], method)(f"{by[1]}/contracts/{contract.number}/document/", headers=names)

    return fetch


def test_the_tag_is_the_hash_of_the_file(get, contract):
    answer = get()
    assert answer["ETag"] == f'"{documents.current(contract).sha256}"'
    assert answer["Accept-Ranges"] == "bytes"
    head = get("head")
    assert (head["ETag"], head["Content-Length"], head.content) == (answer["ETag"], str(len(answer.content)), b"")


def test_a_caller_who_has_the_file_gets_it_not_again_and_nothing_is_read(get, monkeypatch):
    tag = get()["ETag"]
    monkeypatch.setattr(documents, "read", None)
    for known in (tag, f'"other", W/{tag}', "*"):
        answer = get(If_None_Match=known)
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)


def test_another_tag_gets_the_file(get):
    assert get(If_None_Match='"other"').status_code == 200


PARTS = [
    ("bytes=0-0", slice(0, 1)),
    ("bytes=0-", slice(0, None)),
    ("bytes=5-9", slice(5, 10)),
    ("bytes=-7", slice(-7, None)),
    ("bytes=5-999999999", slice(5, None)),
    ("bytes=-999999999", slice(0, None)),
]


def test_a_part_of_the_file(get, subtests):
    whole = get().content
    for asked, part in PARTS:
        with subtests.test(asked):
            answer = get(Range=asked)
            assert (answer.status_code, answer.content) == (206, whole[part])
            first, last, _step = part.indices(len(whole))
            assert answer["Content-Range"] == f"bytes {first}-{last - 1}/{len(whole)}"
            assert answer["Content-Length"] == str(len(answer.content))
            assert answer["Content-Type"] == "application/pdf"


def test_what_is_no_single_range_gets_the_whole_file(get, subtests):
    whole = get().content
    for asked in ("bytes=", "bytes=-", "bytes=9-5", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b", "x"):
        with subtests.test(asked):
            answer = get(Range=asked)
            assert (answer.status_code, answer.content) == (200, whole)


def test_a_range_holds_for_the_file_that_it_was_begun_with(get):
    tag = get()["ETag"]
    assert get(Range="bytes=0-1", If_Range=tag).status_code == 206
    assert get(Range="bytes=0-1", If_Range='"other"').status_code == 200
    assert get("head", Range="bytes=0-1").status_code == 200


def test_a_range_behind_the_end(get):
    for asked in ("bytes=99999999-", "bytes=-0"):
        answer = get(Range=asked)
        assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(get().content)}")


def test_no_cache_stores_the_file(get):
    assert get()["Cache-Control"] == "private, no-store"
    assert get(Range="bytes=0-1")["Cache-Control"] == "private, no-store"


def test_refusals_of_a_program_are_problems(api, contract):
    path = f"contracts/{contract.number}/document/"
    problem(api.get(path, **{"If-Match": '"other"'}), 412, "precondition_failed")
    problem(api.get(path, Range="bytes=99999999-"), 416, "range_not_satisfiable")


def test_the_evidence_has_a_tag_too(api, contract):
    path = f"contracts/{contract.number}/evidence/"
    first = api.get(path)
    assert api.get(path, **{"If-None-Match": first["ETag"]}).status_code == 304
    assert api.get(path, Range="bytes=0-3").content == first.content[:4]


def test_a_tag_says_nothing_to_others(api, client, contract, membership):
    """A tag that is right is no permission."""
    other = draft(actor_of(membership, "api"))
    tag = api.get(f"contracts/{other.number}/document/")["ETag"]
    assert client.get(f"/api/v1/contracts/{other.number}/document/", headers={"If-None-Match": tag}).status_code == 401
