"""Staff and integrators mark accounts as test accounts, and nobody once they have contracts (R48)."""

import threading

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client

from accounts.models import Account, SecurityEvent
from common.errors import Refused
from contracts.models import Contract
from contracts.services import apply_for_contract, void_draft
from contracts.trail.guards import guard_defects
from tests import factories
from tests.accounts.test_importing_accounts import refused, run  # noqa: F401 - fixtures
from tests.api.conformance import problem
from tests.api.test_accounts_of_integrators import NEW, vendor  # noqa: F401 - a fixture
from tests.billing.bookkeeping import client_of, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R48")]
NO_MEMBERS = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
SETTINGS = {"time_zone": "Asia/Shanghai", "document_language": "", **NO_MEMBERS}


def marks() -> list[str]:
    return list(SecurityEvent.objects.filter(kind="test_mark_changed").order_by("pk").values_list("detail", flat=True))


def pointers(problem_: dict) -> list[str]:
    return [error["pointer"] for error in problem_["errors"]]


class TestIntegrators:
    def test_they_create_one(self, vendor):  # noqa: F811
        assert vendor.post("accounts/", {**NEW, "test": True}).json()["test"] is True
        assert vendor.get("accounts/A-1/").json()["test"] is True
        assert Account.objects.get().is_test
        assert marks() == ["account A-1: test account"]

    def test_others_are_real(self, vendor):  # noqa: F811
        assert vendor.post("accounts/", NEW).json()["test"] is False
        assert marks() == []

    def test_they_change_it_while_there_is_no_contract(self, vendor):  # noqa: F811
        vendor.post("accounts/", NEW)
        assert vendor.patch("accounts/A-1/", {"test": True}).json()["test"] is True
        assert vendor.patch("accounts/A-1/", {"test": True}).json()["test"] is True
        assert vendor.patch("accounts/A-1/", {"test": False}).json()["test"] is False
        assert marks() == ["account A-1: test account", "account A-1: real account"]

    @pytest.mark.parametrize("wrong", ["true", 1, None, "yes"])
    def test_it_is_a_boolean(self, vendor, wrong):  # noqa: F811
        assert pointers(problem(vendor.post("accounts/", {**NEW, "test": wrong}), 400, "invalid")) == ["/test"]

    @pytest.mark.parametrize("is_test", [True, False])
    def test_they_do_not_change_it_afterwards(self, vendor, tester, actor, is_test):  # noqa: F811
        account = (tester if is_test else actor).account
        void_draft(contract=factories.draft(tester if is_test else actor), by=tester if is_test else actor)
        answer = vendor.patch(f"accounts/{account.number}/", {"test": not is_test, "time_zone": "Europe/London"})
        assert pointers(problem(answer, 409, "transition_not_allowed")) == ["/test"]
        again = vendor.patch(f"accounts/{account.number}/", {"test": is_test, "time_zone": "Europe/London"})
        assert again.json()["time_zone"] == "Europe/London"
        assert again.json()["test"] is is_test
        assert marks() == []

    def test_many_at_once(self, vendor, tester):  # noqa: F811
        factories.draft(tester)
        given = [{**NEW, "test": True}, {"number": tester.account.number, "currency": "CNY", "test": False}]
        created, failed = vendor.post("accounts/import/", {"accounts": given}).json()["results"]
        assert (created["outcome"], failed["outcome"]) == ("created", "failed")
        [error] = failed["errors"]
        assert (error["pointer"], error["code"]) == ("/accounts/1/test", "transition_not_allowed")
        assert marks() == ["account A-1: test account"]


class TestFiles:
    HEADER = "number,name,currency,test"

    @pytest.mark.parametrize("word", ["true", "YES", "1"])
    def test_a_column_marks_them(self, run, word):  # noqa: F811
        run(f"A-1,Harbour,CNY,{word}", "A-2,Quay,CNY,", "A-3,Pier,CNY,no", header=self.HEADER)
        assert list(Account.objects.order_by("number").values_list("is_test", flat=True)) == [True, False, False]
        run("A-1,Harbour,CNY,", header=self.HEADER)
        assert Account.objects.get(number="A-1").is_test

    def test_another_word_is_refused(self, refused):  # noqa: F811
        _sentence, errors = refused("A-1,Harbour,CNY,maybe", header=self.HEADER)
        assert errors == ["line 2, test: Write true or false, or leave the cell empty."]
        assert not Account.objects.exists()

    def test_an_account_with_contracts_stays_as_it_is(self, refused, actor):  # noqa: F811
        factories.draft(actor)
        account = actor.account
        _sentence, errors = refused(f"{account.number},{account.certified_name},CNY,true", header=self.HEADER)
        assert len(errors) == 1
        assert "line 2, test: " in errors[0]


class TestStaff:
    @pytest.fixture
    def staff(self) -> Client:
        return client_of(somebody(is_superuser=True))

    def test_they_open_one(self, staff):
        given = {"number": "10020030", "currency": "CNY", **SETTINGS, "is_test": "on"}
        assert staff.post("/admin/accounts/account/add/", given).status_code == 302
        assert Account.objects.get().is_test
        assert marks() == ["account 10020030: test account"]

    def test_they_mark_one_without_contracts(self, staff):
        account = factories.AccountFactory()
        page = f"/admin/accounts/account/{account.pk}/change/"
        assert staff.post(page, {**SETTINGS, "is_test": "on"}).status_code == 302
        assert staff.post(page, {**SETTINGS, "is_test": "on"}).status_code == 302
        assert staff.post(page, SETTINGS).status_code == 302
        assert marks() == [f"account {account.number}: test account", f"account {account.number}: real account"]

    @pytest.mark.parametrize("is_test", [True, False])
    def test_they_only_read_it_afterwards(self, staff, tester, actor, is_test):
        account = (tester if is_test else actor).account
        factories.draft(tester if is_test else actor)
        page = f"/admin/accounts/account/{account.pk}/change/"
        assert 'name="is_test"' not in staff.get(page).text
        staff.post(page, SETTINGS if is_test else {**SETTINGS, "is_test": "on"})
        account.refresh_from_db()
        assert account.is_test is is_test
        assert marks() == []

    def test_a_form_from_before_the_first_contract_is_refused(self, staff, actor, monkeypatch):
        """The contract was drafted after the page had asked whether there is one."""
        factories.draft(actor)
        monkeypatch.setattr("accounts.admin.accounts.find_fixed_accounts", lambda ids: set())
        page = f"/admin/accounts/account/{actor.account.pk}/change/"
        assert staff.post(page, {**SETTINGS, "is_test": "on"}).status_code == 409
        assert not Account.objects.get(pk=actor.account.pk).is_test


class TestDatabase:
    @staticmethod
    def execute(sql: str, *parameters: object) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, parameters)

    @pytest.mark.parametrize("is_test", [True, False])
    def test_it_refuses_another_kind_for_an_account_with_contracts(self, tester, actor, is_test):
        account = (tester if is_test else actor).account
        factories.draft(tester if is_test else actor)
        with pytest.raises(IntegrityError, match="are permanent"):
            self.execute("UPDATE accounts_account SET is_test = %s WHERE id = %s", not is_test, account.pk)
        self.execute("UPDATE accounts_account SET is_test = %s WHERE id = %s", is_test, account.pk)

    def test_it_allows_it_without_contracts(self, tester):
        self.execute("UPDATE accounts_account SET is_test = %s WHERE id = %s", False, tester.account.pk)
        factories.AccountFactory()
        Account.objects.filter(contracts=None).delete()

    def test_it_refuses_a_contract_of_another_kind_than_its_account(self, tester, monkeypatch):
        monkeypatch.setattr("contracts.models.Contract.__init__", _as_real(Contract.__init__))
        with pytest.raises(IntegrityError, match="are permanent"), transaction.atomic():
            factories.draft(tester)
        assert not Contract.objects.exists()

    def test_its_guards_stand(self, tester):
        assert list(guard_defects()) == []


def _as_real(init):
    def make(self, *args, **kwargs):
        init(self, *args, **{**kwargs, **({"is_test": False} if "is_test" in kwargs else {})})

    return make


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["mark", "draft"])
def test_marking_and_drafting_at_once_leave_no_contract_of_another_kind(first, issuer):
    """Whichever is second waits for the first, and is then refused."""
    actor = factories.member()
    order = factories.PaidOrderFactory(account=actor.account)
    outcomes: list[BaseException | None] = []

    def mark() -> None:
        Account.objects.filter(pk=actor.account.pk).update(is_test=True)

    def draft() -> None:
        apply_for_contract(type="order", order_numbers=[order.number], by=actor)

    def attempt(act) -> None:
        try:
            with transaction.atomic():
                act()
        except (IntegrityError, Refused) as error:
            outcomes.append(error)
        finally:
            connections.close_all()

    before, after = (mark, draft) if first == "mark" else (draft, mark)
    with transaction.atomic():
        before()
        thread = threading.Thread(target=attempt, args=(after,))
        thread.start()
        _wait_until_blocked()
    thread.join(timeout=30)
    assert len(outcomes) == 1
    account = Account.objects.get(pk=actor.account.pk)
    assert account.is_test is (first == "mark")
    assert not Contract.objects.exclude(is_test=account.is_test).exists()


def _wait_until_blocked() -> None:
    """Return once another session of this database waits for a lock of this session."""
    with connection.cursor() as cursor:
        for _attempt in range(2_000):
            cursor.execute("SELECT pg_sleep(0.01), pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")
