"""Text that the document cannot print is refused; text that looks like markup is printed as it is."""

import pytest

from common.errors import Refused
from contracts.documents import files as documents
from contracts.models import Contract
from contracts.services import apply_for_contract
from tests.factories import OrderFactory, PaidOrderFactory, RemittanceAccountFactory, member
from tests.reading import pdf_text

pytestmark = pytest.mark.django_db
HOSTILE = '<img src="/etc/passwd"/><b>bold & <a href="http://evil.example">link</a> {{7*7}}'


@pytest.fixture
def actor(issuer):
    return member()


def apply(actor, **order_fields):
    order = PaidOrderFactory(account=actor.account, **order_fields)
    return apply_for_contract(type="order", order_numbers=[order.number], by=actor)


@pytest.mark.rule("R28")
@pytest.mark.parametrize("text", ["rocket \U0001f680", "吉 written \U00020bb7", "ไทย"])
def test_a_configuration_that_the_fonts_cannot_print_is_refused_naming_the_characters(actor, text):
    with pytest.raises(Refused) as caught:
        apply(actor, configuration=text)
    assert caught.value.code == "unprintable_characters"
    [fault] = caught.value.faults
    odd = next(char for char in text if ord(char) > 0xE00 and char not in "吉")
    assert fault.pointer == "/order_numbers/0"
    assert f"U+{ord(odd):04X}" in fault.detail
    assert not Contract.objects.exists()


@pytest.mark.rule("R28")
def test_a_party_detail_that_cannot_be_printed_is_named_at_its_field(actor):
    order = PaidOrderFactory(account=actor.account)
    with pytest.raises(Refused) as caught:
        apply_for_contract(type="order", order_numbers=[order.number], party_a={"contact": "李雷\U0001f600"}, by=actor)
    assert [fault.pointer for fault in caught.value.faults] == ["/party_a/contact"]


@pytest.mark.rule("R28")
@pytest.mark.parametrize("field", ["payee", "bank"])
def test_an_exclusive_remittance_account_that_cannot_be_printed_is_named(actor, field):
    RemittanceAccountFactory(account=actor.account, **{field: "云帆\U0001f680"})
    order = OrderFactory(account=actor.account)
    with pytest.raises(Refused) as caught:
        apply_for_contract(type="payment_request", order_numbers=[order.number], by=actor)
    [fault] = caught.value.faults
    assert (fault.code, fault.pointer) == ("unprintable_characters", "/remittance_account")
    assert "U+1F680" in fault.detail


def test_hostile_markup_is_printed_as_text_and_does_nothing(actor):
    contract = apply(actor, configuration=HOSTILE, region="</para><script>alert(1)</script>")
    content = documents.read(contract.documents.get())
    text = pdf_text(content).replace(" ", "").replace("\n", "")
    assert "<imgsrc=" in text
    assert "{{7*7}}" in text
    assert b"/URI" not in content
    assert b"/Subtype /Image" not in content
