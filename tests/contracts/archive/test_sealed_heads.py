"""verify_archive compares the trails with the heads that were sealed: no end is cut off, no trail made anew unseen."""

import hashlib

import pytest

from contracts.models import TrailSeal
from contracts.trail import chain
from contracts.trail.list_files import path_of, signature_path_of
from tests.contracts.archive.asking import told
from tests.factories import draft
from tests.tampering import tamper

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R27"), pytest.mark.usefixtures("clock")]


def test_a_tail_that_was_cut_off_is_found_by_the_seal(contract):
    tamper("DELETE FROM contracts_auditevent WHERE position = 3")
    [wrong] = told()[0]
    assert "Daily list 1 of 2026-11-22" in wrong
    assert f"The trail of contract {contract.number} had 3 events and has fewer now" in wrong


def test_a_trail_that_was_made_anew_is_found_by_the_seal(contract):
    """Every hash of it is right."""
    previous = ""
    for event in contract.events.order_by("position"):
        event.source, event.previous = "api", previous
        previous = chain.digest(event, contract.number)
        _rewrite(event, previous)
    wrong, use = told()[0]
    assert "The use of the seal's key agrees with the sealed document" in use
    assert f"Event 3 of contract {contract.number} was changed after it was sealed" in wrong


def _rewrite(event, hash_: str) -> None:
    tamper(
        "UPDATE contracts_auditevent SET source = %s, previous = %s, hash = %s WHERE id = %s",
        event.source,
        event.previous,
        hash_,
        event.pk,
    )


def test_a_list_or_signature_that_is_missing_changed_or_not_ours_is_found(contract, files):
    seal = TrailSeal.objects.get()
    path = files / path_of(1, seal.sha256)
    content = path.read_text()
    path.write_text(content.replace(" 3 ", " 2 "))
    [wrong] = told()[0]
    assert "Daily list 1 of 2026-11-22" in wrong
    assert "does not match its registered checksum" in wrong
    path.unlink()
    assert "No such file" in told()[0][0]
    path.write_text(content)
    signature = files / signature_path_of(1, seal.sha256)
    signature.unlink()
    assert "No such file" in told()[0][0]


def test_a_list_that_was_made_anew_is_found_by_its_signature(contract, files):
    seal = TrailSeal.objects.get()
    forged = (files / path_of(1, seal.sha256)).read_bytes().replace(b" 3 ", b" 2 ")
    sha256 = hashlib.sha256(forged).hexdigest()
    (files / path_of(1, sha256)).write_bytes(forged)
    (files / signature_path_of(1, seal.sha256)).rename(files / signature_path_of(1, sha256))
    tamper("UPDATE contracts_trailseal SET sha256 = %s", sha256)
    wrong, use = told()[0]
    assert "Each daily list has a use of the seal's key" in use
    assert "Its signature does not match its content" in wrong


def test_a_tail_that_was_cut_off_is_found_where_the_contract_is_checked_alone(actor, contract):
    tamper("DELETE FROM contracts_auditevent WHERE contract_id = %s AND position = 3", contract.pk)
    [wrong] = told("--contract", contract.number)[0]
    assert f"The trail of contract {contract.number} had 3 events and has fewer now." in wrong
    assert told("--contract", draft(actor).number)[0] == []
