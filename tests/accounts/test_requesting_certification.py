"""A customer asks to be certified; staff decide."""

import pytest
from django.core.files.base import ContentFile

from accounts.certification.licence_scans import MAX_LICENCE_BYTES
from accounts.certification.requests import approve_certification, request_certification, require_certified_name
from accounts.models import Account, CertificationRequest
from common.errors import Refused
from tests.billing.bookkeeping import decider
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
def test_a_person_needs_no_credit_code(actor):
    assert faults(actor, kind="personal", name="王小明") == ["/credit_code"]
    assert ask(actor, kind="personal", name="王小明", credit_code="").status == "pending"


@pytest.mark.rule("R11")
@pytest.mark.parametrize("kind", ["personal", "enterprise"])
@pytest.mark.parametrize("name", ["Anthony Co", "人民医院", "Acme S.A.", "Acme AG", "王小明", "云杉公司"])
def test_the_applicant_states_the_kind_and_staff_decide(actor, kind, name):
    request = ask(actor, kind=kind, name=name, credit_code=CODE if kind == "enterprise" else "")

    approve_certification(request=request, by=decider())

    account = Account.objects.get(pk=actor.account.pk)
    assert (account.certification, account.certified_name) == (kind, name)
    assert require_certified_name(account) == name


@pytest.mark.parametrize(
    "code",
    [
        "91110000-600037341L",
        " 9111 0000 6000 3734 1l ",
        "９１１１００００６０００３７３４１Ｌ",
        "9111\u20130000\u200b600037341L",
    ],
)
def test_a_credit_code_is_validated_and_stored_in_one_form(actor, code):
    assert CertificationRequest.objects.get(pk=ask(actor, credit_code=code).pk).credit_code == CODE


@pytest.mark.parametrize("code", ["91110000˗600037341L0", "91110000.600037341L", CODE + " 1", "91110000/600037341L"])
def test_other_separators_are_no_part_of_a_credit_code(actor, code):
    assert faults(actor, credit_code=code) == ["/credit_code"]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"kind": "royal"}, "/kind"),
        ({"name": " "}, "/name"),
        ({"credit_code": ""}, "/credit_code"),
        ({"credit_code": CODE[:-1] + "0"}, "/credit_code"),
        ({"licence": b""}, "/licence"),
        ({"licence": b"MZ a program"}, "/licence"),
        ({"licence": PDF + b"0" * MAX_LICENCE_BYTES}, "/licence"),
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
