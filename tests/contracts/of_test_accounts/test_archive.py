"""verify_archive checks test contracts against the key of test accounts; a wrong key is reported (R38, R48)."""

import pytest
from django.core.management import call_command

from contracts import services
from contracts.models import SealKey, SealUse
from contracts.sealing.of_test_accounts import get_keys_of_test_accounts
from contracts.trail.check_contract import check_contract
from tests import factories
from tests.contracts.archive.asking import told
from tests.contracts.evidence.auditing import failing, needs_tools
from tests.contracts.of_test_accounts.test_verdicts import register_instead, sealed_anew
from tests.tampering import tamper

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R48"), pytest.mark.usefixtures("own_files")]


def voided(contract, actor):
    ticket = services.request_void(contract=contract, reason="Trial", by=actor)
    return services.approve_void(ticket=ticket, by=factories.staff()).contract


def test_test_contracts_are_sound_beside_real_ones(tester, actor):
    factories.draft(tester)
    voided(factories.official(tester), tester)
    voided(factories.official(actor), actor)
    assert told()[0] == []


def test_a_real_contract_under_the_test_key_is_wrong(actor):
    contract = factories.official(actor)
    register_instead(contract, sealed_anew(contract, is_test=True))
    wrong, _last = told()
    assert any(contract.number in line and "its key is not one of our seal's" in line for line in wrong)


def test_a_test_contract_under_the_real_key_is_wrong(trial):
    register_instead(trial, sealed_anew(trial, is_test=False))
    wrong, _last = told()
    assert any(trial.number in line and "its key is not one of our seal's" in line for line in wrong)


@pytest.mark.parametrize("is_test", [True, False])
def test_a_changed_mark_of_a_contract_is_wrong(tester, actor, is_test):
    contract = factories.draft(tester if is_test else actor)
    tamper("UPDATE contracts_contract SET is_test = %s WHERE id = %s", not is_test, contract.pk)
    wrong, _last = told()
    assert any("content is as it was drafted" in line for line in wrong)
    assert any("if its account is a test account" in line for line in wrong)


def test_a_changed_mark_of_an_account_is_wrong(trial):
    tamper("UPDATE accounts_account SET is_test = %s WHERE id = %s", False, trial.account_id)
    wrong, _last = told()
    assert len(wrong) == 1
    assert "if its account is a test account" in wrong[0]


def test_without_the_key_it_cannot_be_checked_and_that_is_told(trial, no_seal_of_test_accounts):
    assert [result for result in check_contract(trial) if not result.sound]
    assert any(trial.number in line for line in told()[0])


def test_a_renewed_key_changes_nothing(no_seal_of_test_accounts, tester):
    call_command("init_seal", "--test-accounts", verbosity=0)
    factories.official(tester)
    call_command("init_seal", "--test-accounts", "--force", verbosity=0)
    factories.official(tester)
    assert told()[0] == []


class TestEvidence:
    @needs_tools
    @pytest.mark.parametrize("kind", ["draft", "official", "voided"])
    def test_a_bundle_says_test_and_every_step_ends_as_stated(self, kind, tester, unpack):
        makers = {
            "draft": lambda: factories.draft(tester),
            "official": lambda: factories.official(tester),
            "voided": lambda: voided(factories.official(tester), tester),
        }
        folder = unpack(makers[kind]())
        readme = (folder / "README.txt").read_text()
        assert "TEST. This contract was made for trial" in readme
        assert "TEST 测试" in readme
        assert failing(folder) == []

    @needs_tools
    def test_our_key_signs_nothing_of_it(self, trial, unpack):
        unpack(trial)
        assert set(SealUse.objects.values_list("fingerprint", flat=True)) == set(get_keys_of_test_accounts())
        assert not SealKey.objects.exists()

    def test_a_real_bundle_does_not_say_so(self, actor, unpack):
        folder = unpack(factories.official(actor))
        assert "TEST. This contract" not in (folder / "README.txt").read_text()
