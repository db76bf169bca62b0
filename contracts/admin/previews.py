"""Render sample contracts of any version of the clauses or the issuer, for staff to check before publishing.

The customer and orders are invented and nothing is stored. The same version always gives the same file.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from accounts.models import Issuer
from contracts.documents.snapshots import freeze_party_b
from contracts.models import ClauseVersion
from contracts.pdf import ContractSnapshot, Line, Party, Remittance, render_draft
from contracts.pdf.labels import Language
from contracts.types import TYPES
from orders.models import PAYMENT_TERM, Order

ZONE = ZoneInfo("Asia/Shanghai")
DRAFTED_AT = datetime(2026, 1, 15, 10, 0, tzinfo=ZONE)
SAMPLE_NUMBER = "EC000000000000"
CODE = "0000-0000-0000-0000-0000"
"""No contract has these: both alphabets lack the zero."""
CURRENCY = "CNY"
CUSTOMER = Party(
    name="示例客户有限公司 Sample Customer Co., Ltd.",
    address="北京市海淀区示例路 1 号 1 Sample Road, Haidian District, Beijing",
    contact="张三 Zhang San",
    phone="+86 10 5550 0000",
    email="finance@customer.example",
    bank="示例银行北京分行 Sample Bank, Beijing Branch",
    bank_account="1000 0000 0000 001",
    tax_number="91110000MA00SAMPLE",
    account_number="10000000",
)
ORDERED = (
    ("云服务器 Elastic Compute", "new", "通用型，8 核 32 GB，系统盘 200 GB SSD；12 个月", 2, "15360.00", "13056.00"),
    ("对象存储 Object Storage", "renewal", "Standard storage plan 1 TiB; 12 months", 1, "1296.00", "1296.00"),
    (
        "云数据库 RDS for MySQL",
        "upgrade",
        "MySQL 8.0 高可用版，4 核 16 GB；6 个月",
        1,
        "8940.00",
        "8046.00",
    ),
)
"""Product, kind, configuration, quantity, list amount and payable amount in CURRENCY."""


def preview_clauses(version: ClauseVersion, language: str) -> bytes:
    """Return a sample contract with these clauses and the issuer in force, as PDF.

    `language` is one of Contract.Language. Raises Refused `issuer_missing`.
    """
    return _sample(version, Issuer.objects.current(), language)


def preview_issuer(version: Issuer, type: str, language: str) -> bytes:  # noqa: A002 - the word of the API
    """Return a sample contract of this type with this issuer and the clauses in force, as PDF.

    `language` is one of Contract.Language. Raises Refused `clauses_missing`.
    """
    return _sample(ClauseVersion.objects.current(type), version, language)


def _sample(clauses: ClauseVersion, issuer: Issuer, language: str) -> bytes:
    """Render a contract that is paid to the issuer's general bank account, the default (R13)."""
    type_ = TYPES[clauses.type]
    lines = tuple(_line(i, paid=Order.Status.PAID in type_.accepted_statuses) for i in range(len(ORDERED)))
    valid_from, valid_until = type_.valid_period(lines)
    snapshot = ContractSnapshot(
        number=SAMPLE_NUMBER,
        type=type_.document,
        language=cast(Language, language),
        currency=CURRENCY,
        total_amount=sum((line.payable_amount for line in lines), Decimal(0)),
        party_a=CUSTOMER,
        party_b=Party(**freeze_party_b(issuer)),
        lines=lines,
        applied_at=DRAFTED_AT,
        time_zone=ZONE,
        clauses=clauses.texts(),
        clause_version=clauses.version,
        verification_code=CODE,
        verification_url=f"{settings.SITE_URL}{reverse('verify')}?code={CODE.replace('-', '')}",
        valid_from=valid_from,
        valid_until=valid_until,
        remittance=Remittance(issuer.payee, issuer.payee_bank, issuer.payee_account, exclusive=False)
        if type_.asks_for_payment
        else None,
    )
    return render_draft(snapshot)


def _line(i: int, *, paid: bool) -> Line:
    """Return the `i`-th sample order, ordered within three days before the draft."""
    product, kind, configuration, quantity, listed, payable = ORDERED[i]
    ordered_at = DRAFTED_AT - timedelta(days=i, hours=2)
    paid_at = ordered_at + timedelta(minutes=30) if paid else None
    return Line(
        number=f"FO0000000000000{i + 1}",
        product_name=product,
        kind=kind,  # type: ignore[arg-type]  # one of the three
        configuration=configuration,
        region="华东-上海 Shanghai",
        quantity=quantity,
        list_amount=Decimal(listed),
        payable_amount=Decimal(payable),
        ordered_at=ordered_at,
        payment_deadline=ordered_at + PAYMENT_TERM,
        paid_at=paid_at,
        service_start=paid_at,
        service_end=paid_at and paid_at + timedelta(days=365),
    )
