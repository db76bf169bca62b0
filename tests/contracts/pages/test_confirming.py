"""The confirm page: orders, parties, details, and a draft at the end (R11–R13, R14, R31)."""

import re

import pytest
from django.db import OperationalError

from accounts.access.actors import actor_of
from accounts.models import PartyProfile
from contracts.models import Contract, Selection
from contracts.services import apply_for_contract, selections
from tests import factories
from tests.contracts.pages.conftest import signed_in

DETAILS = {"address": "1 Main Street", "contact": "Ann", "phone": "+86 10 1", "email": "ann@customer.example"}


class Deadlock(Exception):
    sqlstate = "40P01"


@pytest.fixture
def select(membership):
    """Selects new orders of the account and gives the address of the confirm page."""

    def make(type_="order", *, orders=1, account=None, user=None, **kwargs):
        account = account or membership.account
        factory = factories.PaidOrderFactory if type_ == "order" else factories.OrderFactory
        made = factory.create_batch(orders, account=account, **kwargs)
        selection = Selection.objects.create(
            account=account, user=user or membership.user, type=type_, order_numbers=[order.number for order in made]
        )
        return f"/contracts/apply/{type_.replace('_', '-')}/confirm/?selection={selection.pk}"

    return make


def chosen() -> list[str]:
    return Selection.objects.get().order_numbers


@pytest.mark.rule("R31")
def test_it_shows_the_chosen_orders_and_both_parties(visit, membership, issuer, select):
    text = visit.get(select(orders=2)).text

    for number in chosen():
        assert number in text
    assert "CNY 2,161.00" in text
    assert membership.account.certified_name in text
    for detail in (issuer.name, issuer.address, issuer.contact, issuer.phone, issuer.email):
        assert detail in text


@pytest.mark.rule("R11")
def test_party_as_name_is_text_and_no_field(visit, membership, select):
    text = visit.get(select()).text

    assert not re.search(r'<(input|textarea)[^>]*name="(name|party_a|certified_name)"', text)
    assert f'value="{membership.account.certified_name}"' not in text


@pytest.mark.rule("R11")
def test_a_name_that_is_posted_changes_nothing(visit, membership, select):
    visit.post(select(), {**DETAILS, "name": "Somebody Else Ltd", "certified_name": "Somebody Else Ltd"})

    assert Contract.objects.get().party_a["name"] == membership.account.certified_name


@pytest.mark.rule("R12")
def test_details_are_prefilled_with_the_latest_given(visit, membership, select):
    assert f'value="{membership.account.profile.address}"' in visit.get(select()).text

    visit.post(select(), DETAILS)

    assert PartyProfile.objects.get(account=membership.account).address == "1 Main Street"
    Selection.objects.all().delete()
    assert 'value="1 Main Street"' in visit.get(select()).text


@pytest.mark.rule("R12")
@pytest.mark.parametrize("field", ["address", "contact", "phone", "email"])
def test_four_details_are_required_the_first_time(issuer, select, field):
    membership = factories.MembershipFactory()
    visit = signed_in(membership)
    address = select(account=membership.account, user=membership.user)

    answer = visit.post(address, {**DETAILS, field: ""})

    assert answer.status_code == 400
    assert "This field is required." in answer.text
    assert f'id="id_{field}_error"' in answer.text
    assert not Contract.objects.exists()


@pytest.mark.rule("R12")
def test_bank_and_tax_number_are_optional(visit, select):
    visit.post(select(), DETAILS | {"tax_number": "91310115MA1K000001"})

    assert Contract.objects.get().party_a["tax_number"] == "91310115MA1K000001"
    assert Contract.objects.get().party_a["bank"] == ""


@pytest.mark.rule("R13")
def test_a_payment_request_shows_the_exclusive_remittance_account(visit, membership, select):
    own = factories.RemittanceAccountFactory(account=membership.account)

    text = visit.get(select("payment_request")).text

    assert "Exclusive remittance account" in text
    assert own.account_number in text


@pytest.mark.rule("R13")
def test_without_one_it_shows_the_issuers_general_account(visit, issuer, select):
    text = visit.get(select("payment_request")).text

    assert "General bank account" in text
    assert issuer.payee_account in text


@pytest.mark.rule("R13")
def test_an_order_contract_shows_no_remittance_account(visit, issuer, select):
    assert issuer.payee_account not in visit.get(select()).text


@pytest.mark.rule("R14")
def test_return_to_modify_leads_back_with_the_selection(visit, select):
    text = visit.get(select()).text

    [address] = re.findall(r'href="([^"]+)">Return to Modify', text)
    assert chosen()[0] in visit.get(address).text
    assert "checked" in visit.get(address).text


@pytest.mark.rule("R14")
def test_changing_the_selection_after_a_draft_begins_another(visit, paid, select):
    address = select()
    visit.post(address, DETAILS)
    [drafted], other = chosen(), paid().number

    picker = address.replace("confirm/", "")
    visit.post(picker, {"shown": [drafted, other], "order_numbers": [other], "next": "1"})
    visit.post(address, DETAILS)

    assert list(Contract.objects.order_by("pk").values_list("order_numbers", flat=True)) == [[drafted], [other]]


@pytest.mark.rule("R2")
def test_generating_makes_a_draft_in_the_language_chosen(visit, select):
    answer = visit.post(select(orders=2), {**DETAILS, "language": "both", "remarks": "Q4"})

    contract = Contract.objects.get()
    assert answer.url == f"/contracts/{contract.number}/created/"
    assert (contract.status, contract.language, contract.remarks) == ("draft", "both", "Q4")
    assert contract.order_numbers == chosen()


def test_the_document_is_english_unless_chosen_otherwise(visit, select):
    visit.post(select(), DETAILS)

    assert Contract.objects.get().language == "en"


@pytest.mark.rule("R7")
def test_an_order_taken_meanwhile_is_refused_beside_the_order_and_stays_selected(visit, membership, select):
    address = select()
    apply_for_contract(type="order", order_numbers=chosen(), by=actor_of(membership, "api"))

    answer = visit.post(address, DETAILS)

    held = Contract.objects.get()
    assert answer.status_code == 409
    assert f"Order {chosen()[0]} is in contract {held.number}" in answer.text
    assert f'href="/contracts/{held.number}/"' in answer.text
    assert "row-wrong" in answer.text
    assert chosen() == held.order_numbers


@pytest.mark.rule("R28")
def test_characters_that_cannot_be_printed_are_named_at_their_field(visit, select):
    answer = visit.post(select(), {**DETAILS, "contact": "Ann \U0001f600"})

    assert answer.status_code == 400
    assert re.search(r'id="id_contact_error">\s*<p>The document cannot print: .*U\+1F600', answer.text)


@pytest.mark.rule("R1")
def test_two_currencies_are_refused_beside_each_order(visit, membership, select):
    address = select()
    other = factories.PaidOrderFactory(account=membership.account, currency="USD")
    selection = Selection.objects.get()
    selection.order_numbers.append(other.number)
    selection.save()

    answer = visit.post(address, DETAILS)

    assert answer.status_code == 400
    assert f"Order {other.number} is in USD." in answer.text


def test_without_a_selection_the_page_leads_to_the_picker(visit):
    assert visit.get("/contracts/apply/order/confirm/").headers["Location"] == "/contracts/apply/order/"
    assert visit.get("/contracts/apply/order/confirm/?selection=none").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_with_an_import_is_tried_again(visit, select, monkeypatch):
    apply, runs = selections.apply_for_contract, []

    def broken_off_once(**given):
        runs.append(given)
        if len(runs) == 1:
            raise OperationalError from Deadlock
        return apply(**given)

    monkeypatch.setattr(selections, "apply_for_contract", broken_off_once)
    answer = visit.post(select(), DETAILS)
    assert answer.headers["Location"].endswith("/created/")
    assert len(runs) == 2


def test_an_empty_selection_goes_back_to_the_picker(visit, membership):
    selection = Selection.objects.create(account=membership.account, user=membership.user, type="order")

    answer = visit.get(f"/contracts/apply/order/confirm/?selection={selection.pk}", follow=True)

    assert "Select 1 to 200 orders." in answer.text


def test_text_of_customers_cannot_become_markup(visit, select):
    visit.post(select(), {**DETAILS, "contact": "<script>alert(1)</script>", "remarks": "<b>bold</b>"})

    contract = Contract.objects.get()
    for page in ("/contracts/", f"/contracts/{contract.number}/", "/account/"):
        text = visit.get(page).text
        assert "<script>alert" not in text
        assert "<b>bold" not in text


@pytest.mark.rule("R15")
def test_the_success_page_goes_to_the_list_after_five_seconds(visit, draft):
    contract = draft()

    answer = visit.get(f"/contracts/{contract.number}/created/")

    assert answer["Refresh"] == "5; url=/contracts/"
    assert "Draft contract created" in answer.text
    assert f'href="/contracts/{contract.number}/"' in answer.text


@pytest.mark.rule("R15")
def test_the_success_page_stays_when_asked_to(visit, draft):
    assert "Refresh" not in visit.get(f"/contracts/{draft().number}/created/?stay=1")
