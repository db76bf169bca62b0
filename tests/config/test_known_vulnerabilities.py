"""`make audit` never calls clean what nobody was asked about."""

import pytest

from scripts.ask_vulnerabilities import CLEAN, NOT_ASKED, VULNERABLE, knows_the_known, verdict

SOUND = {"name": "django", "version": "5.2.19", "vulns": []}
BAD = {"name": "jinja2", "version": "2.10", "vulns": [{"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"]}]}
UNKNOWN = {"name": "redis", "skip_reason": "Dependency not found on PyPI and could not be audited: redis (8.1.0)"}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ([SOUND], CLEAN),
        ([SOUND, BAD], VULNERABLE),
        ([SOUND, UNKNOWN], NOT_ASKED),
        ([UNKNOWN, BAD], VULNERABLE),
        ([], NOT_ASKED),
    ],
)
def test_only_what_was_asked_about_is_clean(answer, status):
    assert verdict(answer)[0] == status


def test_what_is_vulnerable_and_what_was_not_asked_about_is_named():
    assert verdict([SOUND, UNKNOWN, BAD])[1] == [
        "jinja2 2.10: PYSEC-2019-217, mended in 2.10.1",
        "redis: Dependency not found on PyPI and could not be audited: redis (8.1.0)",
    ]


@pytest.mark.parametrize(("answer", "knows"), [([BAD], True), ([SOUND], False), ([UNKNOWN], False), ([], False)])
def test_a_service_that_does_not_know_the_known_knows_nothing(answer, knows):
    assert knows_the_known(answer) == knows


def test_the_three_answers_have_a_status_each():
    assert len({CLEAN, VULNERABLE, NOT_ASKED}) == 3
    assert CLEAN == 0
