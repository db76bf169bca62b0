"""Documents to validate: drafts, sealed at each level, and void certificates."""

from datetime import timedelta
from functools import cache

from contracts import sealing
from contracts.pdf import render_draft
from contracts.pdf.labels import Language
from contracts.pdf.void_certificate import VoidCertificate, render_void_certificate
from contracts.types import TYPES
from tests.contracts.pdf.samples import APPLIED_AT, PARTY_A, PARTY_B, ZONE, snapshot

LANGUAGES: tuple[Language, ...] = ("en", "zh-hans", "both")
DATA = b'{"format":"electronic-contract","version":1}'


@cache
def draft(type_: str, language: str, count: int) -> bytes:
    return render_draft(snapshot(count, type=type_, language=language), DATA)


@cache
def void_certificate(language: Language) -> bytes:
    """The certificate before it is sealed."""
    return render_void_certificate(void_certificate_facts(language))


def void_certificate_facts(language: Language) -> VoidCertificate:
    contract = snapshot(1)
    return VoidCertificate(
        number=contract.number,
        type=TYPES["order"].document,
        language=language,
        party_a=PARTY_A.name,
        party_b=PARTY_B.name,
        total_amount=contract.total_amount,
        currency="USD",
        official_at=APPLIED_AT + timedelta(hours=1),
        voided_at=APPLIED_AT + timedelta(days=2),
        sha256="5f" * 32,
        ticket="17",
        ticket_opened_at=APPLIED_AT + timedelta(days=1),
        decided_by="王芳",
        time_zone=ZONE,
        verification_code=contract.verification_code,
        verification_url=contract.verification_url,
    )


def seal(unsealed: bytes) -> bytes:
    return sealing.seal(unsealed, number="EC7Q2M9XK4T8", issuer_name="上海杉橡云计算有限公司")
