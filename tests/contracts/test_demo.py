"""manage.py seed_demo: whatever the day, there is something to try of everything, and running it again is harmless."""

import re
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.http import HttpRequest
from django.utils import timezone

from accounts.access.actors import can_integrate
from accounts.models import Account, CertificationRequest, Issuer, Membership
from billing.ledger import get_balance
from billing.models import LedgerEntry
from common.days import Interval
from contracts.eligibility import find_order_faults, picker_rows
from contracts.models import Contract, VoidTicket
from contracts.types import ORDER, PAYMENT_REQUEST, ContractType
from orders.models import Order, Product
from orders.services import cancel_overdue_orders

pytestmark = pytest.mark.django_db
DAYS = [
    "2026-11-22T12:00:00+08:00",
    "2026-12-01T00:00:00+08:00",  # the month has just begun
    "2026-12-01T00:05:00+08:00",
    "2027-01-31T23:59:59+08:00",
    "2027-03-03T09:00:00+08:00",
    "2028-02-29T18:00:00+08:00",
]
SIGN_INS = [
    "demo",
    "viewer",
    "other",
    "fresh",
    "clerk",
    "sandbox",
    "finance",
    "finance2",
    "legal",
    "auditor",
    "integrator",
    "admin",
]


@pytest.fixture(autouse=True)
def _debug(settings):
    settings.DEBUG = True


@pytest.fixture
def seed(clock):
    def seed(at: str = DAYS[0]) -> None:
        clock.move_to(datetime.fromisoformat(at))
        call_command("seed_demo", verbosity=0)

    return seed


@pytest.fixture
def no_seal(settings, tmp_path):
    settings.SEAL_P12 = str(tmp_path / "none.p12")
    settings.DATA_DIR = tmp_path  # nor the seal of test accounts


def this_month(type_: ContractType) -> list[Order]:
    """The rows on which the picker opens for demo (R9)."""
    now, account = timezone.now(), Account.objects.get(number="10000001")
    days = Interval.month_of(now, account.tzinfo).on(type_.dated_by, account.tzinfo)
    return list(picker_rows(account, type_, now=now).filter(days))


@pytest.mark.usefixtures("no_seal")
@pytest.mark.parametrize("day", DAYS)
def test_on_any_day_of_the_month_there_are_orders_for_both_contract_types(seed, day):
    seed(day)
    now = timezone.now()
    paid, unpaid = this_month(ORDER), this_month(PAYMENT_REQUEST)
    faults = find_order_faults(paid, ORDER, now=now)
    free = [order for order in paid if not faults[order.pk] and order.currency == "CNY"]
    assert len(free) > 200  # more than a contract holds, to see that refused
    assert any(order.currency == "USD" for order in paid)
    assert len(free) < len(paid)
    assert len(unpaid) >= 12
    assert sum(fault is None for fault in find_order_faults(unpaid, PAYMENT_REQUEST, now=now).values()) >= 12
    assert not Order.objects.filter(paid_at__gt=now).exists()
    assert not Order.objects.filter(ordered_at__gt=now).exists()
    assert cancel_overdue_orders(now=now) == 0
    assert {order.account.number for order in Order.objects.all()} == {f"1000000{n}" for n in range(1, 6)}
    assert set(Order.objects.values_list("status", flat=True)) == set(Order.Status.values)
    assert Product.objects.filter(supports_contracts=False).count() == 2


@pytest.mark.usefixtures("no_seal")
def test_a_term_is_in_the_language_of_its_configuration(seed):
    seed()
    configurations = set(Order.objects.values_list("configuration", flat=True))
    chinese = {configuration for configuration in configurations if re.search("[\u4e00-\u9fff]", configuration)}
    assert any(configuration.endswith("；12 个月") for configuration in chinese)
    assert any(configuration.endswith("; 12 months") for configuration in configurations - chinese)
    assert not {configuration for configuration in chinese if "month" in configuration}
    assert not {configuration for configuration in configurations - chinese if "月" in configuration}


@pytest.mark.usefixtures("no_seal")
def test_the_same_day_again_adds_nothing_and_loses_nothing(seed):
    seed()
    Product.objects.filter(code="ecs").update(supports_contracts=False)
    Account.objects.filter(number="10000003").update(certification="personal", certified_name="韩梅梅")
    Membership.objects.filter(user__username="viewer").update(role="finance")
    user = User.objects.get(username="demo")
    kept = user.password
    user.groups.create(name="Own")
    before = [list(model.objects.order_by("pk").values()) for model in (Order, Product, Account, LedgerEntry, Issuer)]
    seed()
    assert before == [list(m.objects.order_by("pk").values()) for m in (Order, Product, Account, LedgerEntry, Issuer)]
    assert Membership.objects.get(user__username="viewer").role == "finance"
    assert User.objects.get(username="demo").groups.get().name == "Own"
    assert User.objects.get(username="demo").password == kept  # so that nobody is signed out


@pytest.mark.usefixtures("no_seal")
def test_another_day_adds_its_orders(seed):
    seed("2026-11-29T12:00:00+08:00")
    count = Order.objects.count()
    seed("2026-11-30T12:00:00+08:00")
    assert Order.objects.count() == count + 14 + 4 + 2 + 3  # what is unpaid of the new day
    assert len(this_month(ORDER)) == 230
    seed("2026-12-01T12:00:00+08:00")
    assert len(this_month(ORDER)) == 230
    assert len(this_month(PAYMENT_REQUEST)) == 14


@pytest.mark.usefixtures("no_seal")
def test_everyone_signs_in_with_their_name_whatever_they_changed_it_to(seed, client):
    seed()
    user = User.objects.get(username="demo")
    user.set_password("changed")
    user.is_active = False
    user.save()
    seed()
    for name in SIGN_INS:
        assert client.login(request=HttpRequest(), username=name, password=name)


@pytest.mark.rule("R26")
@pytest.mark.usefixtures("no_seal")
def test_everyone_may_do_what_their_role_is_for(seed):
    seed()
    users = {user.username: user for user in User.objects.all()}
    assert sorted(users) == sorted(SIGN_INS)
    roles = Membership.objects.values_list("user__username", "account__number", "role")
    assert set(roles) == {
        ("demo", "10000001", "owner"),
        ("viewer", "10000001", "viewer"),
        ("other", "10000002", "owner"),
        ("fresh", "10000003", "owner"),
        ("clerk", "10000004", "owner"),
        ("sandbox", "10000005", "owner"),
    }
    assert users["finance"].is_staff
    assert not users["finance"].is_superuser
    assert users["finance"].has_perms(["contracts.decide_voidticket", "contracts.view_contract", "orders.view_order"])
    assert not any(".delete_" in right for name in ("finance", "legal") for right in users[name].get_all_permissions())
    assert all(right.split(".")[1].startswith("view_") for right in users["auditor"].get_all_permissions())
    scopes = {"orders.integrate", "accounts.integrate_accounts", "contracts.integrate_contracts"}
    assert users["integrator"].get_all_permissions() == scopes
    assert {name for name, user in users.items() if can_integrate(user)} == {"integrator", "admin"}
    assert users["admin"].is_superuser


@pytest.mark.rule("R13")
@pytest.mark.usefixtures("no_seal")
def test_one_account_is_ready_one_applies_for_the_first_time_one_is_not_certified(seed):
    seed()
    demo, other, fresh, _clerk, sandbox = Account.objects.order_by("number")
    assert (demo.certification, other.certification, fresh.certification) == ("enterprise", "enterprise", "none")
    assert hasattr(demo, "profile")
    assert hasattr(demo, "remittance_account")
    assert not hasattr(other, "profile")
    assert not hasattr(other, "remittance_account")
    assert get_balance(demo) > 0
    assert [account.is_test for account in (demo, other, fresh, sandbox)] == [False, False, False, True]


def test_with_a_seal_there_are_contracts_to_look_at_once(seed):
    seed()
    made = sorted(Contract.objects.filter(account__number="10000001").values_list("status", flat=True))
    assert made == ["draft", "official", "voided"]
    seed("2026-12-22T12:00:00+08:00")
    assert Contract.objects.filter(account__number="10000001").count() == 3


@pytest.mark.rule("R48")
def test_the_test_account_has_contracts_that_say_test(seed):
    for day in DAYS[:2]:
        seed(day)
        made = Contract.objects.filter(account__number="10000005")
        assert sorted(made.values_list("status", flat=True)) == ["draft", "official", "voided"]
        assert all(contract.is_test for contract in made)
        assert made.get(status="voided").documents.filter(kind="void_certificate").exists()


@pytest.mark.rule("R48")
def test_without_a_seal_of_test_accounts_it_has_none(seed, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    seed()
    assert not Contract.objects.filter(account__number="10000005").exists()
    assert Contract.objects.filter(account__number="10000001").exists()


@pytest.mark.rule("R24")
def test_with_a_seal_there_is_something_for_the_back_office(seed):
    for day in ("2026-11-22T12:00:00+08:00", "2026-12-22T12:00:00+08:00"):
        seed(day)
        assert VoidTicket.objects.waiting(timezone.now()).count() == 2
        assert Contract.objects.flagged().count() == 1
        assert CertificationRequest.objects.filter(status="pending").count() == 1


@pytest.mark.usefixtures("no_seal")
def test_without_a_seal_there_are_none_yet(seed):
    seed()
    assert not Contract.objects.exists()


def test_it_is_refused_in_production(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG"):
        call_command("seed_demo")
    assert not User.objects.exists()


@pytest.mark.usefixtures("no_seal")
def test_unpaid_orders_have_a_day_left(seed):
    seed()
    soon = timezone.now() + timedelta(days=1)
    assert not Order.objects.past_deadline(soon).exists()
