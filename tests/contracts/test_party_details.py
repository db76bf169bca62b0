"""Who stands in the contract as Party A, and where its money goes."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import PartyProfile
from common.errors import Refused
from contracts.services import apply_for_contract
from tests.factories import (
    AccountFactory,
    MembershipFactory,
    OrderFactory,
    PaidOrderFactory,
    PartyProfileFactory,
    RemittanceAccountFactory,
    member,
)

pytestmark = pytest.mark.django_db
DETAILS = {"address": "1 Zhongguancun", "contact": "Li Lei", "phone": "010-1", "email": "li@customer.example"}


@pytest.fixture(autouse=True)
def _issuer(issuer):
    return issuer


def apply(actor, **fields):
    order = PaidOrderFactory(account=actor.account)
    return apply_for_contract(type="order", order_numbers=[order.number], by=actor, **fields)


@pytest.mark.rule("R11")
def test_party_a_is_the_certified_name_whatever_is_sent():
    actor = member()
    contract = apply(actor, party_a={**DETAILS, "name": "Somebody Else Ltd"})
    assert contract.party_a["name"] == actor.account.certified_name


@pytest.mark.rule("R11")
def test_an_uncertified_account_is_sent_to_certification():
    actor = member(account=PartyProfileFactory(account__certification="none", account__certified_name="").account)
    with pytest.raises(Refused, match="certification") as caught:
        apply(actor)
    assert (caught.value.code, caught.value.status) == ("account_not_certified", 403)


@pytest.mark.rule("R11")
@pytest.mark.parametrize("kind", ["personal", "enterprise"])
@pytest.mark.parametrize("name", ["王小明", "Anthony Co", "人民医院", "Acme S.A.", "Acme AG"])
def test_nothing_is_guessed_from_a_certified_name(name, kind):
    account = PartyProfileFactory(account__certification=kind, account__certified_name=name).account
    assert apply(member(account=account)).party_a["name"] == name


@pytest.mark.rule("R12")
def test_details_are_asked_for_the_first_time_and_kept_after_that():
    actor = member(account=AccountFactory())
    with pytest.raises(Refused) as caught:
        apply(actor)
    assert [fault.pointer for fault in caught.value.faults] == [f"/party_a/{name}" for name in DETAILS]

    apply(actor, party_a=DETAILS)
    kept = PartyProfile.objects.get(account=actor.account)
    assert kept.details() == {**dict.fromkeys(PartyProfile.DETAILS, ""), **DETAILS}

    again = apply(actor)
    assert again.party_a["contact"] == "Li Lei"


@pytest.mark.rule("R12")
def test_the_latest_details_are_kept_and_complete_the_known_ones():
    actor = member()
    apply(actor, party_a={"phone": "13900000000", "bank": "ICBC"})
    kept = PartyProfile.objects.get(account=actor.account)
    assert (kept.phone, kept.bank, kept.contact) == ("13900000000", "ICBC", "李雷")
    latest = {**DETAILS, "bank": "CMB", "bank_account": "1219", "tax_number": "91310115"}
    apply(actor, party_a=latest)
    assert PartyProfile.objects.get(account=actor.account).details() == {
        **dict.fromkeys(PartyProfile.DETAILS, ""),
        **latest,
    }


@pytest.mark.rule("R12")
@pytest.mark.parametrize(
    ("field", "value"), [("address", "  "), ("contact", ""), ("email", "no-address"), ("phone", "1" * 41)]
)
def test_a_wrong_detail_is_refused_at_its_field_and_nothing_is_kept(field, value):
    actor = member()
    with pytest.raises(Refused) as caught:
        apply(actor, party_a={**DETAILS, field: value})
    assert (caught.value.code, caught.value.faults[0].pointer) == ("invalid", f"/party_a/{field}")
    assert PartyProfile.objects.get(account=actor.account).contact == "李雷"


def test_an_unknown_time_zone_is_refused():
    account = AccountFactory.build(time_zone="Mars/Olympus")
    with pytest.raises(ValidationError):
        account.clean_fields()


@pytest.mark.rule("R13")
def test_a_payment_request_names_the_accounts_own_remittance_account(issuer):
    actor = member()
    RemittanceAccountFactory(account=actor.account, payee="Own payee", bank="Own bank", account_number="1219")
    assert request_payment(actor).remittance_account == {
        "payee": "Own payee",
        "bank": "Own bank",
        "account_number": "1219",
        "exclusive": True,
    }


@pytest.mark.rule("R13")
def test_without_one_it_names_the_issuers_general_account(issuer):
    contract = request_payment(member())
    assert contract.remittance_account == {
        "payee": issuer.payee,
        "bank": issuer.payee_bank,
        "account_number": issuer.payee_account,
        "exclusive": False,
    }


@pytest.mark.rule("R13")
def test_an_order_contract_names_none():
    actor = member()
    RemittanceAccountFactory(account=actor.account)
    assert apply(actor).remittance_account is None


def request_payment(actor):
    order = OrderFactory(account=actor.account)
    return apply_for_contract(type="payment_request", order_numbers=[order.number], by=actor)


@pytest.mark.rule("R26")
def test_a_viewer_may_not_apply():
    actor = member("viewer")
    with pytest.raises(Refused) as caught:
        apply(actor)
    assert caught.value.code == "permission_denied"


@pytest.mark.rule("R26")
def test_finance_members_may_apply():
    membership = MembershipFactory(role="finance", account=PartyProfileFactory().account)
    assert membership.may_act
