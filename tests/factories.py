"""Rows to test with: a certified company, its products, and orders of this very time."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import factory
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.access.actors import Actor, actor_of, staff_actor
from accounts.models import Account, Issuer, Membership, PartyProfile
from billing.models import RemittanceAccount
from contracts.models import Contract
from contracts.services import apply_for_contract, convert_to_official
from orders.models import Order, Product

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""The time zone of accounts, by default."""


class UserFactory(DjangoModelFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence("user{}".format)
    password = factory.django.Password("secret")


class IssuerFactory(DjangoModelFactory):
    class Meta:
        model = Issuer

    version = factory.Sequence(lambda n: n + 1)
    published_at = factory.LazyFunction(timezone.now)
    name = "云帆科技（上海）有限公司"
    address = "上海市浦东新区张江路 88 号"
    contact = "合同管理部"
    phone = "+86 21 5000 0000"
    email = "contracts@issuer.example"
    bank = "招商银行上海张江支行"
    bank_account = "1219 0000 1234 567"
    tax_number = "91310115MA1K000001"
    payee = "云帆科技（上海）有限公司"
    payee_bank = "招商银行上海张江支行"
    payee_account = "1219000012340000"


class AccountFactory(DjangoModelFactory):
    class Meta:
        model = Account

    number = factory.Sequence(lambda n: f"{20000001 + n}")
    certification = Account.Certification.ENTERPRISE
    certified_name = factory.Sequence(lambda n: f"北京云杉数据技术有限公司{n}")


class PartyProfileFactory(DjangoModelFactory):
    class Meta:
        model = PartyProfile

    account = factory.SubFactory(AccountFactory)
    address = "北京市海淀区中关村大街 1 号"
    contact = "李雷"
    phone = "+86 10 8000 0000"
    email = "finance@customer.example"


class RemittanceAccountFactory(DjangoModelFactory):
    class Meta:
        model = RemittanceAccount

    account = factory.SubFactory(AccountFactory)
    payee = "云帆科技（上海）有限公司"
    bank = "招商银行上海张江支行"
    account_number = factory.Sequence(lambda n: f"121900009999{n:08d}")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    account = factory.SubFactory(AccountFactory)
    role = Membership.Role.OWNER


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    code = factory.Sequence("product-{}".format)
    name = factory.Sequence("Elastic Compute {}".format)
    supports_contracts = True


def a_while_ago() -> datetime:
    """Return the time an hour ago, or the beginning of the month in Shanghai: the picker opens on the current month."""
    now = timezone.now()
    month = now.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return max(now - timedelta(hours=1), month)


class OrderFactory(DjangoModelFactory):
    """An unpaid order, ordered an hour ago."""

    class Meta:
        model = Order

    number = factory.Sequence(lambda n: f"FO{100000000 + n}")
    account = factory.SubFactory(AccountFactory)
    product = factory.SubFactory(ProductFactory)
    kind = Order.Kind.NEW
    configuration = "2 vCPU, 4 GiB; SKU 2KRSTFABXH77P2FQ; 12 months"
    region = "Asia Pacific (Tokyo)"
    quantity = 1
    currency = "CNY"
    list_amount = Decimal("1200.00")
    payable_amount = Decimal("1080.50")
    ordered_at = factory.LazyFunction(a_while_ago)


class PaidOrderFactory(OrderFactory):
    status = Order.Status.PAID
    paid_at = factory.LazyAttribute(lambda order: min(order.ordered_at + timedelta(minutes=30), timezone.now()))
    service_start = factory.LazyAttribute(lambda order: order.ordered_at + timedelta(minutes=30))
    service_end = factory.LazyAttribute(lambda order: order.ordered_at + timedelta(days=365))


def member(role: str = "owner", account: Account | None = None) -> Actor:
    """The actor of a new member of a certified account whose details are known."""
    membership = MembershipFactory(role=role, account=account or PartyProfileFactory().account)
    return actor_of(membership, "page")


def member_of_test_account(role: str = "owner") -> Actor:
    """The actor of a new member of a certified test account whose details are known (R48)."""
    return member(role, PartyProfileFactory(account__is_test=True).account)


def draft(actor: Actor, *, type: str = "order", count: int = 1, **fields) -> Contract:  # noqa: A002
    """A draft contract over new orders of the actor's account. Needs an issuer."""
    make = PaidOrderFactory if type == "order" else OrderFactory
    orders = [make(account=actor.account) for _ in range(count)]
    return apply_for_contract(type=type, order_numbers=[order.number for order in orders], by=actor, **fields)


def official(actor: Actor, **kwargs) -> Contract:
    """An official contract over new orders of the actor's account."""
    return convert_to_official(contract=draft(actor, **kwargs), by=actor)


def staff() -> Actor:
    """Finance staff who may decide void tickets."""
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="decide_voidticket"))
    return staff_actor(get_user_model().objects.get(pk=user.pk), "contracts.decide_voidticket")
