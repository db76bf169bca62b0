"""Staff read the audit trail and the files in words: what happened, from where, and to which contract."""

from typing import get_args

import pytest

from accounts.access.actors import Source, actor_of
from contracts.admin.dossier import SOURCES
from tests import factories
from tests.contracts.back_office.legal import member_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R27")]
IN_CHINESE = {"headers": {"Accept-Language": "zh-hans"}}


@pytest.fixture
def finance(issuer):
    return member_of("Finance")


@pytest.fixture
def contract(membership):
    return factories.draft(actor_of(membership, "api"))


def test_every_place_that_events_come_from_has_a_name():
    assert set(SOURCES) == set(get_args(Source))


def test_the_trail_is_told_in_words(finance, contract):
    event = contract.events.get()
    row = f"/admin/contracts/auditevent/{event.pk}/change/"

    assert f"{contract.number} · Draft created" in text_of(finance.get(row))
    assert f"{contract.number} · 已生成草稿合同" in text_of(finance.get(row, **IN_CHINESE))


def test_files_are_named_by_contract_and_kind(finance, contract):
    row = f"/admin/contracts/contractdocument/{contract.documents.get().pk}/change/"

    assert f"{contract.number} · Draft" in text_of(finance.get(row))
    assert "登记时间" in text_of(finance.get("/admin/contracts/contractdocument/", **IN_CHINESE))
