"""Converting, voiding and asking for a void: asked once more, then back to the list (R4, R5, R22, R32)."""

from datetime import timedelta

import pytest

from contracts.models import Contract, VoidTicket
from contracts.sealing import SealUnavailable


def now(contract: Contract) -> Contract:
    return Contract.objects.get(pk=contract.pk)


@pytest.mark.rule("R32")
def test_converting_asks_first_and_comes_back_to_the_list(visit, draft):
    contract = draft()
    address = f"/contracts/{contract.number}/convert/"

    asked = visit.get(address).text
    for said in ("legally binding", "seal", "cannot void it yourself"):
        assert said in asked
    answer = visit.post(address, {"consent": "on"}, follow=True)

    assert answer.redirect_chain == [("/contracts/", 302)]
    assert f"Contract {contract.number} is now official" in answer.text
    assert now(contract).status == Contract.Status.OFFICIAL


@pytest.mark.rule("R2")
def test_converting_needs_the_box_ticked(visit, draft):
    contract = draft()

    answer = visit.post(f"/contracts/{contract.number}/convert/")

    assert answer.status_code == 400
    assert "Tick the box to convert this draft." in answer.text
    assert now(contract).status == Contract.Status.DRAFT


def test_looking_changes_nothing(visit, draft):
    contract = draft()

    for page in ("convert/", "void/"):
        assert visit.get(f"/contracts/{contract.number}/{page}").status_code == 200
    assert visit.get(f"/contracts/{contract.number}/remarks/").status_code == 405
    assert now(contract).status == Contract.Status.DRAFT


@pytest.mark.rule("R22")
def test_converting_names_the_order_that_changed(visit, draft):
    contract = draft()
    order = contract.lines.get().order
    order.refund(at=order.paid_at + timedelta(minutes=1))
    order.save()

    answer = visit.post(f"/contracts/{contract.number}/convert/", {"consent": "on"})

    assert answer.status_code == 409
    assert f"Order {order.number} was paid when the contract was drafted and is refunded now." in answer.text


def test_a_seal_that_cannot_be_set_leaves_a_draft_and_says_so(visit, draft, monkeypatch):
    def unavailable(*args, **kwargs):
        raise SealUnavailable("The timestamp server does not answer. Try again shortly.")

    monkeypatch.setattr("contracts.sealing.seal", unavailable)
    contract = draft()

    answer = visit.post(f"/contracts/{contract.number}/convert/", {"consent": "on"})

    assert answer.status_code == 503
    assert "The contract is still a draft." in answer.text
    assert "The contract seal is unavailable right now. Try again shortly. If it persists" in answer.text
    assert "timestamp server" not in answer.text
    assert now(contract).status == Contract.Status.DRAFT


@pytest.mark.rule("R21")
def test_a_contract_past_its_time_cannot_be_converted(visit, draft, clock):
    contract = draft("payment_request")
    clock.move_to(contract.expires_at)

    for answer in (
        visit.get(f"/contracts/{contract.number}/convert/"),
        visit.post(f"/contracts/{contract.number}/convert/", {"consent": "on"}),
    ):
        assert answer.status_code == 409
        assert "Invalid" in answer.text


@pytest.mark.rule("R4")
@pytest.mark.rule("R32")
def test_voiding_a_draft_comes_back_to_the_list(visit, draft):
    contract = draft()

    answer = visit.post(f"/contracts/{contract.number}/void/", {"reason": "Wrong order"}, follow=True)

    assert answer.redirect_chain == [("/contracts/", 302)]
    assert f"Contract {contract.number} was voided." in answer.text
    assert now(contract).void_reason == "Wrong order"


@pytest.mark.rule("R4")
def test_a_draft_is_voided_without_a_reason_too(visit, draft):
    contract = draft()

    visit.post(f"/contracts/{contract.number}/void/")

    assert now(contract).status == Contract.Status.VOIDED


@pytest.mark.rule("R4")
def test_an_official_contract_cannot_be_voided_by_its_customer(visit, official):
    answer = visit.post(f"/contracts/{official.number}/void/")

    assert answer.status_code == 409
    assert now(official).status == Contract.Status.OFFICIAL


@pytest.mark.rule("R5")
def test_a_void_is_asked_for_with_a_reason(visit, official):
    address = f"/contracts/{official.number}/request-void/"
    assert visit.post(address, {"reason": " "}).status_code == 400

    answer = visit.post(address, {"reason": "Wrong party"}, follow=True)

    assert answer.redirect_chain == [("/contracts/", 302)]
    assert "Void requested" in answer.text
    assert VoidTicket.objects.get().reason == "Wrong party"


@pytest.mark.rule("R5")
def test_one_open_request_a_contract(visit, official):
    address = f"/contracts/{official.number}/request-void/"
    visit.post(address, {"reason": "Wrong party"})

    answer = visit.post(address, {"reason": "Again"})

    assert answer.status_code == 409
    assert "already has an open request to void" in answer.text
    assert VoidTicket.objects.count() == 1
