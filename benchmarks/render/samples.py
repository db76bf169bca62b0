"""Contracts to render, each different from the others as customers' are, and what they say as plain texts."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from common.money import amount_in_words, format_amount, format_figure
from contracts.pdf import ContractSnapshot, Line
from contracts.pdf.clauses import fill_clauses, get_variable_values
from contracts.pdf.dates import print_date, print_zone
from contracts.pdf.draft_mark import MARK_SMALL_TEXT, MARK_TEXT
from contracts.pdf.labels import Labels, Language
from contracts.pdf.qr import QR_SIZE, qr_boxes
from contracts.pdf.snapshot import Party
from contracts.pdf.table import COLUMNS
from tests.contracts.pdf.samples import order_line, snapshot

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
PRODUCTS = {
    "en": ["Elastic Compute Service", "Elastic Load Balancing", "Object Storage", "Relational Database Service"],
    "zh-hans": ["云服务器 BCC", "弹性负载均衡", "对象存储 OBS", "云数据库 RDS for MySQL"],
}
REGIONS = {
    "en": ["Asia Pacific (Tokyo)", "US West (Oregon)", "EU (Frankfurt)", "Africa (Cape Town)"],
    "zh-hans": ["华北 - 北京", "华东 - 上海", "华南 - 广州", "亚太（新加坡）"],
}
CONFIGURATIONS = {
    "en": [
        "${price} per vCPU-hour, {size} vCPU, {more} GB; general purpose SSD {disk} GB; SKU {sku}; {months} months",
        "${price} per GB - first {disk} TB / month data transfer out beyond the free tier; SKU {sku}; {months} months",
    ],
    "zh-hans": [
        "计算型 c6，{size} 核 {more} GB，系统盘 {disk} GB，公网带宽 {size} Mbit/s；规格编码 {sku}；购买 {months} 个月",
        "每 GB {price} 元，首 {disk} TB/月免费额度以外的公网流出流量；规格编码 {sku}；购买 {months} 个月",
    ],
}
"""As wide on paper as those of the orders that vendors list: about 110 Latin characters."""


def contract(count: int, language: Language, seed: int) -> ContractSnapshot:
    """A contract of `count` orders; another `seed` gives another number, other orders and other amounts."""
    random = Random(f"{count} {language} {seed}")
    code = "-".join(_letters(random, 4) for _ in range(4))
    lines = [_line(n, language, random) for n in range(1, count + 1)]
    return snapshot(
        lines=lines,
        language=language,
        currency="USD" if language == "en" else "CNY",
        number=f"EC{_letters(random, 10)}",
        verification_code=code,
        verification_url=f"https://contracts.firoak.example.com/verify/{code}/",
    )


def _letters(random: Random, count: int) -> str:
    return "".join(random.choices(ALPHABET, k=count))


def _line(n: int, language: Language, random: Random) -> Line:
    listed = Decimal(random.randrange(1_000, 9_000_000)) / 100
    configuration = random.choice(CONFIGURATIONS[language]).format(
        price=random.randrange(1, 90) / 100,
        size=random.choice([2, 4, 8, 16]),
        more=random.choice([8, 16, 32, 64]),
        disk=random.randrange(10, 900, 10),
        sku=_letters(random, 16),
        months=random.choice([1, 3, 12, 36]),
    )
    return order_line(
        n,
        number=f"FO{random.randrange(10**14, 10**15)}",
        product_name=random.choice(PRODUCTS[language]),
        region=random.choice(REGIONS[language]),
        configuration=configuration,
        quantity=random.randrange(1, 20),
        list_amount=listed,
        payable_amount=(listed * random.randrange(60, 101) / 100).quantize(Decimal("0.01")),
        service_start=order_line(n).ordered_at + timedelta(days=random.randrange(30)),
    )


def texts(document: ContractSnapshot) -> dict[str, Any]:
    """All that the contract says, formatted, for a template that places it. In one language."""
    labels = Labels(document.language)
    zone = document.time_zone
    created = document.applied_at.astimezone(zone)
    title = labels(document.type.title)
    totals = [sum(line.list_amount for line in document.lines), document.total_amount]
    totals.insert(1, totals[0] - totals[1])
    return {
        "lang": "en" if document.language == "en" else "zh",
        "region": "us" if document.language == "en" else "cn",
        "title": title,
        "number": document.number,
        "issuer": document.party_b.name,
        "created": {"year": created.year, "month": created.month, "day": created.day},
        "draft_mark": [MARK_TEXT, MARK_SMALL_TEXT],
        "page": labels("page", page="|", pages="|").split("|"),
        "code_line": f"{labels('verification')}  {document.verification_code}",
        "facts": [
            [labels("number"), document.number],
            [labels("applied_at"), print_date(document.applied_at, zone)],
            [labels("account_number"), document.party_a.account_number],
        ],
        "parties": [_party("party_a", document.party_a, labels), _party("party_b", document.party_b, labels)],
        "orders": {
            "heading": labels("orders"),
            "note": labels("amounts_in", currency=document.currency),
            "columns": [labels("paid" if name == "payable" else name) for name in COLUMNS],
            "rows": [_row(n, line, document, labels) for n, line in enumerate(document.lines, start=1)],
            "total": labels("total" if len(document.lines) > 1 else "total_of_one", count=len(document.lines)),
            "totals": [format_figure(amount, document.currency) for amount in totals],
        },
        "total": {
            "label": labels("in_figures"),
            "figure": format_amount(document.total_amount, document.currency),
            "rows": [
                [labels("in_words"), amount_in_words(document.total_amount, document.currency, document.language)]
            ],
        },
        "validity": {
            "heading": labels("validity"),
            "text": " ".join(document.type.validity(document, labels)),
            "note": labels("zone", zone=print_zone(zone, document.applied_at)),
        },
        "terms": {
            "heading": labels("terms"),
            "version": labels("terms_version", version=document.clause_version),
            "clauses": _clauses(document),
        },
        "signatures": {
            "heading": labels("signatures"),
            "party_a": {"label": labels("sign_a"), "name": document.party_a.name},
            "party_b": {"label": labels("sign_b"), "name": document.party_b.name},
            "signatory": labels("signatory"),
            "date": labels("date"),
            "sealed_on": labels("sealed_on"),
            "seal_place": ["转正式合同时盖章", "Seal upon conversion"],
        },
        "verification": {
            "label": labels("verification"),
            "code": document.verification_code,
            "text": labels("verify", url=document.verification_url),
            "qr": _qr(document.verification_url),
        },
    }


def _party(heading: str, party: Party, labels: Labels) -> dict[str, Any]:
    details = ("name", "address", "contact", "phone", "email", "bank", "bank_account", "tax_number")
    return {"heading": labels(heading), "rows": [[labels(detail), getattr(party, detail)] for detail in details]}


def _row(n: int, line: Line, document: ContractSnapshot, labels: Labels) -> dict[str, str | list[str]]:
    discount = line.list_amount - line.payable_amount
    since, until = (print_date(day, document.time_zone) for day in (line.service_start, line.service_end) if day)
    percentage = f"{(discount / line.list_amount * 100).quantize(Decimal('0.1'))}%".replace(".0%", "%")
    return {
        "line": str(n),
        "number": line.number,
        "product": line.product_name,
        "quantity": str(line.quantity),
        "period": f"{since} – {until}",
        "list": format_figure(line.list_amount, document.currency),
        "discount": format_figure(discount, document.currency) if discount else "–",
        "percentage": percentage if discount else "",
        "payable": format_figure(line.payable_amount, document.currency),
        "details": [labels(line.kind), line.region, line.configuration],
    }


def _clauses(document: ContractSnapshot) -> list[dict[str, str]]:
    clauses = fill_clauses(document.clauses, document.language, bilingual=False, **get_variable_values(document))  # type: ignore[arg-type]
    return [
        {"number": str(n), "heading": clause.heading, "text": clause.text} for n, clause in enumerate(clauses, start=1)
    ]


def _qr(url: str) -> str:
    """The same code as in the contract, as an SVG picture of one path."""
    boxes = qr_boxes(url, 0, 0)
    path = "".join(f"M{box.x:.2f} {box.down:.2f}h{box.width:.2f}v{box.height:.2f}h-{box.width:.2f}z" for box in boxes)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {QR_SIZE} {QR_SIZE}"><path d="{path}"/></svg>'
