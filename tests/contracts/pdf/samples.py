"""Snapshots to render."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from contracts.pdf.labels import Labels
from contracts.pdf.snapshot import ContractSnapshot, Line, Party, Remittance
from contracts.types import TYPES

ZONE = ZoneInfo("Asia/Shanghai")
APPLIED_AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)

PARTY_A = Party(
    name="北京云杉数据技术有限公司",
    address="北京市海淀区中关村南大街 5 号理工科技大厦 1208 室",
    contact="李雨桐",
    phone="+86 10 6891 2200",
    email="finance@yunshan-data.example.cn",
    bank="招商银行股份有限公司北京中关村支行",
    bank_account="1109 2233 4455 667",
    tax_number="91110108MA01ABCD2X",
    account_number="10000001",
)
PARTY_B = Party(
    name="Fir & Oak Cloud (Shanghai) Co., Ltd. 上海杉橡云计算有限公司",
    address="上海市浦东新区张江路 88 号 3 幢 401 室",
    contact="Contract desk",
    phone="+86 21 5080 1000",
    email="contracts@firoak.example.com",
    bank="Industrial and Commercial Bank of China, Shanghai Zhangjiang Branch",
    bank_account="1001 7812 0930 0456 789",
    tax_number="91310115MA1K4WXY7Q",
)
CONFIGURATIONS = [
    "4 vCPU / 16 GB; general purpose SSD (gp3) 200 GB; bandwidth 20 Mbit/s; unit GB-Months; SKU 2KRSTFABXH77P2FQ",
    "计算型 c6，8 核 16 GB，系统盘 100 GB SSD，公网带宽 10 Mbit/s，可用区 B；购买时长 12 个月",
]


def order_line(n: int = 1, /, *, configuration: str | None = None, **changes: Any) -> Line:
    """One paid order; n makes it distinct."""
    ordered = APPLIED_AT - timedelta(days=n % 20 + 1)
    listed = Decimal("69.12") * n
    line = Line(
        number=f"FO{184734661387642 + n}",
        product_name=["Elastic Compute Service", "云服务器 BCC", "Object Storage"][n % 3],
        kind=("new", "renewal", "upgrade")[n % 3],
        configuration=CONFIGURATIONS[n % 2] if configuration is None else configuration,
        region=["Asia Pacific (Tokyo)", "华北 - 北京"][n % 2],
        quantity=n % 4 + 1,
        list_amount=listed,
        payable_amount=(listed * (100 - n % 4 * 5) / 100).quantize(Decimal("0.01")),
        ordered_at=ordered,
        payment_deadline=ordered + timedelta(days=7),
        paid_at=ordered + timedelta(hours=3),
        service_start=ordered,
        service_end=ordered + timedelta(days=365),
    )
    return replace(line, **changes)


def snapshot(
    count: int = 1,
    *,
    lines: list[Line] | None = None,
    type: str = "order",  # noqa: A002 - the name of the field
    **changes: Any,
) -> ContractSnapshot:
    """A contract of `count` orders or of the given lines; totals and valid period as the rules have them."""
    lines = [order_line(n) for n in range(1, count + 1)] if lines is None else lines
    payment = type == "payment_request"
    if payment:
        lines = [replace(line, paid_at=None, service_start=None, service_end=None) for line in lines]
    starts = [line.service_start for line in lines if line.service_start]
    ends = [line.service_end for line in lines if line.service_end]
    contract = ContractSnapshot(
        number="EC7Q2M9XK4T8",
        type=TYPES[type].document,
        language="en",
        currency="USD",
        total_amount=sum((line.payable_amount for line in lines), Decimal(0)),
        party_a=PARTY_A,
        party_b=PARTY_B,
        lines=tuple(lines),
        applied_at=APPLIED_AT,
        time_zone=ZONE,
        clauses=TYPES[type].clauses,
        clause_version=1,
        verification_code="K7QP-2MXD-9RTV-4HWC",
        verification_url="https://contracts.firoak.example.com/verify/K7QP-2MXD-9RTV-4HWC/",
        valid_from=min(starts, default=None),
        valid_until=min(line.payment_deadline for line in lines) if payment else max(ends, default=None),
        remittance=Remittance(PARTY_B.name, PARTY_B.bank, "9558 8010 0000 1000 0001", exclusive=True)
        if payment
        else None,
    )
    return replace(contract, **changes)


def texts_of_types(labels: Labels) -> list[str]:
    """What documents of each contract type say besides the texts of labels.py and the clauses."""
    texts = []
    for name, type_ in TYPES.items():
        texts += labels.lines(type_.document.title)
        for contract in (snapshot(type=name), replace(snapshot(type=name), valid_from=None)):
            texts += type_.document.validity(contract, labels)
    return texts
