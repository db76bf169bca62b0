"""Staff read when the seal's key was used, for what and by whom, and that it agrees with what was sealed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contracts import services
from contracts.models import SealUse
from contracts.services import convert
from tests import factories
from tests.contracts.back_office.legal import holder_of, member_of, text_of
from tests.tampering import tamper

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R27"), pytest.mark.usefixtures("issuer", "clock")]
USES = "/admin/contracts/sealuse/"


@pytest.fixture
def auditor():
    return member_of("Auditor")


def listed(page) -> list[SealUse]:
    assert page.status_code == 200
    return list(page.context["cl"].result_list)


def interrupted(actor, monkeypatch):
    """A draft whose conversion failed after the key had signed."""
    contract = factories.draft(actor)
    with monkeypatch.context() as broken:
        broken.setattr(convert, "_make_official", lambda *_args, **_kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            services.convert_to_official(contract=contract, by=actor)
    return contract


def test_the_list_names_contract_person_level_and_key(auditor):
    actor = factories.member()
    contract = factories.official(actor)

    page = auditor.get(USES)

    [use] = listed(page)
    text = text_of(page)
    for shown in (contract.number, "Official contract", "B-B: signed", use.fingerprint[:16], use.actor_username):
        assert shown in text
    assert "Every sealed document has its use of the key" in text


def test_filters_by_purpose_person_days_and_search(auditor, clock):
    actor, other = factories.member(), factories.member()
    today = timezone.localdate()
    contract = factories.official(actor)
    clock.shift(timedelta(days=1))
    later = factories.official(other)

    def contracts(query: str) -> list[str]:
        return [use.contract.number for use in listed(auditor.get(f"{USES}?{query}"))]

    assert contracts("purpose__exact=contract") == [later.number, contract.number]
    assert contracts("purpose__exact=void_certificate") == []
    assert contracts(f"until={today}") == contracts(f"q={contract.number}") == [contract.number]
    assert contracts(f"q={later.documents.get(kind='official').sha256.upper()}") == [later.number]


def test_a_use_without_a_document_is_named(auditor, monkeypatch):
    contract = interrupted(factories.member(), monkeypatch)
    factories.official(factories.member())

    page = auditor.get(USES)

    assert page.context["reconciliation"] == (1, 0, 2, 1)
    assert "Nobody received these files" in text_of(page)
    assert [use.contract for use in listed(auditor.get(f"{USES}?document=none"))] == [contract]


def test_a_document_without_a_use_is_wrong(auditor):
    factories.official(factories.member())
    tamper("DELETE FROM contracts_sealuse")

    page = auditor.get(USES)

    assert page.context["reconciliation"] == (1, 1, 0, 0)
    assert "Documents without a use of the key" in text_of(page)


@pytest.mark.parametrize("query", ["since=2020-01-01", "until=9999-12-31", "since=2020-01-01&until=2026-11-22"])
def test_at_most_a_year_is_reconciled_at_once(auditor, query):
    days = auditor.get(f"{USES}?{query}").context["days"]

    assert days.last == timezone.localdate()
    assert days.first == days.last - timedelta(days=366)


def test_who_may_not_read_it_is_refused():
    assert holder_of("view_contract").get(USES).status_code == 403
