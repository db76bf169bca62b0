"""Converting a draft into an official contract."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.errors import Refused
from contracts import sealing
from contracts.documents import files as documents
from contracts.models import Contract
from contracts.services import convert_to_official, invalidate_due, void_draft
from tests.factories import draft, member, official
from tests.tampering import tamper

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(issuer):
    return member()


def content(contract, kind):
    return documents.read(contract.documents.get(kind=kind))


def refused(contract, actor) -> Refused:
    with pytest.raises(Refused) as caught:
        convert_to_official(contract=contract, by=actor)
    return caught.value


@pytest.mark.rule("R2")
@pytest.mark.rule("R3")
def test_the_official_file_begins_with_the_draft_file_byte_for_byte(actor):
    contract = official(actor)
    before, after = (content(contract, kind) for kind in ("draft", "official"))
    assert after.startswith(before)
    assert len(after) > len(before)
    sealing.validate_seal(after, draft=before)
    assert contract.status == "official"


@pytest.mark.rule("R3")
def test_a_draft_replaced_while_it_is_sealed_stays_a_draft(actor, monkeypatch):
    contract = draft(actor)
    seal = sealing.seal

    def replace_while_sealing(*args, **kwargs):
        tamper("UPDATE contracts_contractdocument SET sha256 = %s WHERE contract_id = %s", "0" * 64, contract.pk)
        return seal(*args, **kwargs)

    monkeypatch.setattr(sealing, "seal", replace_while_sealing)
    assert refused(contract, actor).code == "transition_not_allowed"
    assert [document.kind for document in contract.documents.all()] == ["draft"]


@pytest.mark.rule("R16")
def test_the_number_stays_the_same(actor):
    contract = draft(actor)
    assert convert_to_official(contract=contract, by=actor).number == contract.number


@pytest.mark.rule("R19")
def test_a_payment_request_is_valid_from_the_moment_it_is_official(actor):
    contract = official(actor, type="payment_request")
    assert contract.valid_from == contract.official_at
    assert contract.valid_until == contract.expires_at


@pytest.mark.rule("R22")
def test_an_order_paid_meanwhile_is_named_in_the_refusal(actor):
    contract = draft(actor, type="payment_request", count=2)
    order = contract.lines.all()[1].order
    order.pay(at=timezone.now())
    order.save()
    error = refused(contract, actor)
    assert (error.code, error.status) == ("order_changed", 409)
    assert [(fault.pointer, order.number in fault.detail) for fault in error.faults] == [("/order_numbers/1", True)]


@pytest.mark.rule("R22")
@pytest.mark.parametrize("change", ["refund", "cancel"])
def test_an_order_contract_needs_every_order_still_paid(actor, change):
    contract = draft(actor)
    order = contract.lines.get().order
    getattr(order, change)(at=timezone.now())
    order.save()
    assert refused(contract, actor).code == "order_changed"
    contract.refresh_from_db(fields=["official_at"])
    assert Contract.objects.get(pk=contract.pk).status == "draft"


@pytest.mark.rule("R22")
def test_orders_are_checked_again_after_sealing(actor, monkeypatch):
    contract = draft(actor, type="payment_request")
    order = contract.lines.get().order
    seal = sealing.seal

    def pay_while_sealing(*args, **kwargs):
        order.pay(at=timezone.now())
        order.save()
        return seal(*args, **kwargs)

    monkeypatch.setattr(sealing, "seal", pay_while_sealing)
    assert refused(contract, actor).code == "order_changed"
    assert [d.kind for d in contract.documents.all()] == ["draft"]


@pytest.mark.rule("R21")
@pytest.mark.parametrize("swept", [False, True], ids=["before the clock", "after the clock"])
def test_past_its_time_it_cannot_be_converted_whatever_the_clock_has_done(actor, clock, swept):
    contract = draft(actor, type="payment_request")
    clock.move_to(contract.expires_at)
    if swept:
        invalidate_due(now=timezone.now())
    assert refused(contract, actor).code == "contract_expired"


@pytest.mark.rule("R21")
def test_a_payment_request_that_ends_while_it_is_sealed_stays_unconverted(actor, clock, monkeypatch):
    contract = draft(actor, type="payment_request")
    seal = sealing.seal

    def slow_seal(*args, **kwargs):
        clock.move_to(contract.expires_at + timedelta(seconds=1))
        return seal(*args, **kwargs)

    monkeypatch.setattr(sealing, "seal", slow_seal)
    assert refused(contract, actor).code == "contract_expired"


@pytest.mark.rule("R2")
def test_only_a_draft_can_be_converted(actor):
    assert refused(official(actor), actor).code == "transition_not_allowed"
    assert refused(void_draft(contract=draft(actor), by=actor), actor).code == "transition_not_allowed"


@pytest.mark.rule("R26")
def test_a_viewer_may_not_convert(actor):
    assert refused(draft(actor), member("viewer", actor.account)).code == "permission_denied"


@pytest.mark.parametrize("broken", ["missing", "not a certificate"])
def test_without_a_usable_seal_the_contract_stays_a_draft_and_the_log_alone_says_what_to_do(
    actor, settings, tmp_path, caplog, broken
):
    contract = draft(actor)
    file = tmp_path / "seal.p12"
    if broken != "missing":
        file.write_bytes(b"this is no PKCS#12")
    settings.SEAL_P12 = str(file)
    error = refused(contract, actor)
    assert (error.code, error.status) == ("seal_unavailable", 503)
    assert str(tmp_path) not in error.detail
    assert f"contract seal: The seal file {file}" in caplog.text
    assert Contract.objects.get(pk=contract.pk).status == "draft"


def test_a_draft_file_that_was_changed_in_the_storage_is_not_sealed(actor, files):
    contract = draft(actor)
    path = files / documents.path_of(contract.documents.get().sha256)
    path.write_bytes(path.read_bytes() + b"%tampered")
    assert refused(contract, actor).code == "storage_unavailable"
