"""A customer asks to be certified; staff decide."""

import pytest
from django.core.files.base import ContentFile

from billing.certification import request_certification
from billing.errors import Refused
from billing.licences import LARGEST_LICENCE
from billing.models import CertificationRequest
from tests.factories import AccountFactory, member

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 a scan\n%%EOF"
CODE = "91110000600037341L"


@pytest.fixture
def actor():
    return member(account=AccountFactory(certification="none", certified_name=""))


def ask(actor, licence=PDF, **fields):
    given = {"kind": "enterprise", "name": "蓝河贸易有限公司", "credit_code": CODE} | fields
    return request_certification(**given, licence=ContentFile(licence) if licence else None, by=actor)


def kept(request):
    with request.licence.open() as file:
        return file.read()


def faults(actor, **fields):
    with pytest.raises(Refused) as caught:
        ask(actor, **fields)
    assert not CertificationRequest.objects.exists()
    return [fault.pointer for fault in caught.value.faults]


@pytest.mark.rule("R11")
def test_it_waits_for_review_and_changes_nothing_before(actor):
    request = ask(actor, name="  蓝河贸易  有限公司 ")
    assert (request.status, request.name, request.credit_code) == ("pending", "蓝河贸易 有限公司", CODE)
    assert kept(request) == PDF
    actor.account.refresh_from_db()
    assert actor.account.certification == "none"


@pytest.mark.rule("R11")
def test_a_person_needs_no_credit_code_and_may_not_take_a_companys_name(actor):
    assert faults(actor, kind="personal", credit_code="") == ["/name"]
    assert faults(actor, kind="personal", name="王小明") == ["/credit_code"]
    assert ask(actor, kind="personal", name="王小明", credit_code="").status == "pending"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"kind": "royal"}, "/kind"),
        ({"name": " "}, "/name"),
        ({"credit_code": ""}, "/credit_code"),
        ({"credit_code": CODE[:-1] + "0"}, "/credit_code"),
        ({"licence": b""}, "/licence"),
        ({"licence": b"MZ a program"}, "/licence"),
        ({"licence": PDF + b"0" * LARGEST_LICENCE}, "/licence"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_at_its_field(actor, fields, pointer):
    assert pointer in faults(actor, **fields)


def test_one_request_waits_at_a_time(actor):
    ask(actor)
    with pytest.raises(Refused, match="already"):
        ask(actor)


def test_two_licences_of_one_account_do_not_overwrite_each_other(actor):
    first = ask(actor)
    first.reject(by_id=actor.person, at=first.requested_at, note="Blurred")
    first.save()
    second = ask(actor, licence=b"%PDF-1.7 another scan\n%%EOF")
    assert first.licence.name != second.licence.name
    assert kept(first) == PDF


@pytest.mark.rule("R26")
def test_viewers_may_not_ask(actor):
    with pytest.raises(Refused) as caught:
        ask(member("viewer", actor.account))
    assert caught.value.code == "permission_denied"
