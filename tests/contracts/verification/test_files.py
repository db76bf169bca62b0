"""What is said of a file, each kind of it made from a real contract (R3, R21)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contracts.services import void_draft
from contracts.verification.codes import verdict_of_code
from contracts.verification.file_verdict import verdict_of_file
from tests import factories
from tests.contracts.verification.conftest import codes, codes_of, file_of, with_white_box

pytestmark = pytest.mark.django_db


@pytest.mark.rule("R3")
def test_the_sealed_file_as_we_gave_it_is_authentic(official):
    verdict = verdict_of_file(file_of(official))

    assert verdict.authentic
    assert verdict.in_force
    assert codes_of(verdict) == ["sealed"]
    assert (verdict.number, verdict.status, verdict.type.value) == (official.number, "official", "order")
    assert verdict.sealed_at == official.official_at
    assert verdict.sha256 == official.documents.get(kind="official").sha256


def test_a_draft_is_true_but_not_authentic(draft):
    verdict = verdict_of_file(file_of(draft, "draft"))

    assert not verdict.authentic
    assert codes_of(verdict) == ["draft"]
    assert (verdict.number, verdict.status, verdict.sealed_at) == (draft.number, "draft", None)


def test_a_draft_whose_contract_was_sealed_is_still_a_draft_and_says_so(official):
    verdict = verdict_of_file(file_of(official, "draft"))

    assert not verdict.authentic
    assert codes_of(verdict) == ["draft"]
    assert "Ask for the sealed document" in verdict.findings[0].detail
    assert verdict.status == "official"


def test_a_voided_draft_is_a_draft_and_voided(draft, actor):
    content = file_of(draft, "draft")
    void_draft(contract=draft, by=actor)

    assert codes(content) == ["draft", "voided"]


@pytest.mark.rule("R21")
def test_a_contract_past_its_time_is_authentic_and_invalid_before_the_clock_has_run(actor, clock):
    official = factories.official(actor, type="payment_request")
    clock.shift(timedelta(days=8))
    verdict = verdict_of_file(file_of(official))

    assert verdict.authentic
    assert not verdict.in_force
    assert codes_of(verdict) == ["sealed", "invalid"]
    assert (verdict.status, verdict.invalid_since) == ("invalid", official.expires_at)


def test_junk_behind_the_end_is_an_addition(official):
    verdict = verdict_of_file(file_of(official) + b"\n% one more line")

    assert not verdict.authentic
    assert codes_of(verdict) == ["appended"]
    assert (verdict.number, verdict.status) == (official.number, "official")


def test_a_white_box_over_the_figures_is_an_addition(official):
    assert codes(with_white_box(file_of(official))) == ["appended"]


def test_one_other_byte_in_the_content_is_a_change(official):
    content = bytearray(file_of(official))
    at = len(file_of(official, "draft")) // 2
    content[at] ^= 1
    verdict = verdict_of_file(bytes(content))

    assert codes_of(verdict) == ["changed"]
    assert (verdict.number, verdict.status, verdict.sealed_at) == (None, None, None)


def test_the_beginning_of_a_file_is_called_so(official):
    whole = file_of(official)

    for end in (len(file_of(official, "draft")) - 100, len(file_of(official, "draft")), len(whole) - 1):
        verdict = verdict_of_file(whole[:end])
        found = codes_of(verdict)
        assert (verdict.number is None) == (found == ["truncated"])
        assert found == (["draft"] if whole[:end] == file_of(official, "draft") else ["truncated"])


def test_what_is_no_pdf():
    for content in (b"", b"PK\x03\x04", "合同".encode()):
        assert codes(content) == ["not_pdf"]


def test_more_than_20_mb_is_not_even_looked_at():
    assert codes(b"%PDF-1.7" + bytes(20 * 1024 * 1024)) == ["too_large"]


def test_a_damaged_pdf():
    assert codes(b"%PDF-1.7\nthis goes nowhere") == ["unreadable"]


def test_times_are_said_in_the_visitors_words(official):
    (found,) = verdict_of_file(file_of(official)).findings

    assert f"{timezone.localtime(official.official_at):%Y-%m-%d %H:%M}" in found.detail


def test_a_verdict_takes_three_statements_or_a_few_more(official, django_assert_max_num_queries):
    whole = file_of(official)
    for content, most in ((whole, 3), (file_of(official, "draft"), 3), (whole + b"more", 3), (whole[:-1], 4)):
        with django_assert_max_num_queries(most):
            verdict_of_file(content)
    with django_assert_max_num_queries(2):
        verdict_of_code(official.verification_code)
