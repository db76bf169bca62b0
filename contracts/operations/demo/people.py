"""People of the demo: an invented issuer, five accounts, one of them a test account, and a sign-in for every role."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import Group, User

from accounts.models import Account, Issuer, Membership, PartyProfile
from billing.models import LedgerEntry, RemittanceAccount

DEMO, OTHER, FRESH, CLERK, SANDBOX = "10000001", "10000002", "10000003", "10000004", "10000005"
ISSUER_NAME = "云帆科技（上海）有限公司 Yunfan Technology (Shanghai) Co., Ltd."
STAFF: dict[str, bool] = {"is_staff": True}
FLAGS = {
    "finance": STAFF,
    "finance2": STAFF,
    "legal": STAFF,
    "auditor": STAFF,
    "admin": {**STAFF, "is_superuser": True},
}
MEMBERS = {
    "demo": (DEMO, Membership.Role.OWNER),
    "viewer": (DEMO, Membership.Role.VIEWER),
    "other": (OTHER, Membership.Role.OWNER),
    "fresh": (FRESH, Membership.Role.OWNER),
    "clerk": (CLERK, Membership.Role.OWNER),
    "sandbox": (SANDBOX, Membership.Role.OWNER),
}
ROLES = {
    "finance": "Finance",
    "finance2": "Finance",
    "legal": "Legal",
    "auditor": "Auditor",
    "integrator": "Integrators",
}
"""User → shipped role."""
SIGN_INS = (*MEMBERS, *ROLES, "admin")


def make_people(*, now: datetime) -> dict[str, Membership]:
    """Create missing parties and sign-ins. Each password is the user name. Return members by name."""
    accounts = _accounts()
    users = {name: _user(name) for name in SIGN_INS}
    for name, (number, role) in MEMBERS.items():
        Membership.objects.get_or_create(user=users[name], account=accounts[number], defaults={"role": role})
    for name, group in ROLES.items():
        users[name].groups.add(Group.objects.get(name=group))
    _money(accounts, now=now)
    members = Membership.objects.filter(account__in=accounts.values(), user__username__in=MEMBERS)
    return {member.user.username: member for member in members.select_related("account", "user")}


def _user(name: str) -> User:
    user, created = User.objects.update_or_create(
        username=name, defaults={"is_active": True, "email": f"{name}@example.com", **FLAGS.get(name, {})}
    )
    if created or not user.check_password(name):  # setting it would end the sessions of signed-in users
        user.set_password(name)
        user.save(update_fields=["password"])
    return user


def _accounts() -> dict[str, Account]:
    """Return number → account. Demo, clerk and sandbox have details; demo has a remittance account."""
    companies = {
        DEMO: "北京云杉数据技术有限公司",
        OTHER: "Harbour Light Trading Co., Ltd.",
        CLERK: "Pine Ridge Logistics Ltd.",
        SANDBOX: "Sandbox Integration Ltd.",
    }
    accounts = {}
    for number, name in companies.items():
        certified = {"certification": Account.Certification.ENTERPRISE, "certified_name": name}
        defaults = {**certified, "is_test": number == SANDBOX}
        accounts[number], _ = Account.objects.get_or_create(number=number, defaults=defaults)
    accounts[FRESH], _ = Account.objects.get_or_create(number=FRESH)
    PartyProfile.objects.get_or_create(
        account=accounts[DEMO],
        defaults={
            "address": "北京市海淀区中关村大街 1 号 8 层",
            "contact": "李雷 Li Lei",
            "phone": "+86 10 5550 0188",
            "email": "finance@spruce-data.example",
            "bank": "招商银行北京中关村支行",
            "bank_account": "1109 0550 0188 001",
            "tax_number": "91110108MA00DEM01X",
        },
    )
    PartyProfile.objects.get_or_create(
        account=accounts[SANDBOX],
        defaults={
            "address": "2 Sample Street, Dublin D02 X285, Ireland",
            "contact": "Sam Boxer",
            "phone": "+353 1 555 0188",
            "email": "sandbox@sandbox-integration.example",
        },
    )
    PartyProfile.objects.get_or_create(
        account=accounts[CLERK],
        defaults={
            "address": "7 Tannery Lane, Bristol BS1 6QF, United Kingdom",
            "contact": "Ana Clarke",
            "phone": "+44 117 496 0188",
            "email": "accounts@pine-ridge.example",
        },
    )
    return accounts


def _money(accounts: dict[str, Account], *, now: datetime) -> None:
    """Create the issuer and its bank account, demo's exclusive one, and payments received and spent."""
    bank = "招商银行上海张江支行 China Merchants Bank, Shanghai Zhangjiang Branch"
    if not Issuer.objects.exists():
        Issuer.objects.create(
            version=1,
            published_at=now,
            name=ISSUER_NAME,
            address="上海市浦东新区云帆路 88 号 88 Yunfan Road, Pudong New Area, Shanghai",
            contact="合同管理部 Contract Management",
            phone="+86 21 5550 0100",
            email="contracts@yunfan.example",
            bank=bank,
            bank_account="1219 0550 0100 001",
            tax_number="91310115MA1KDEM00X",
            payee=ISSUER_NAME,
            payee_bank=bank,
            payee_account="1219055001000010",
        )
    RemittanceAccount.objects.get_or_create(
        account=accounts[DEMO],
        defaults={"payee": ISSUER_NAME, "bank": bank, "account_number": "1219055001000010000001"},
    )
    entries = [
        (DEMO, "200000.00", "Remittance received", 40),
        (DEMO, "-86420.50", "Orders paid", 20),
        (OTHER, "5000.00", "Remittance received", 30),
    ]
    for i, (number, amount, note, days) in enumerate(entries, 1):
        LedgerEntry.objects.get_or_create(
            bank_reference=f"DEMO-{i}",
            defaults={
                "account": accounts[number],
                "amount": Decimal(amount),
                "note": note,
                "booked_at": now - timedelta(days=days),
            },
        )
