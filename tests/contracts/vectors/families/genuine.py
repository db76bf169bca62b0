"""Files as they left us, and what has become of their contracts since."""

from datetime import timedelta

from tests.contracts.vectors.kit import Kind, Kit
from tests.contracts.vectors.reasons import TODAY
from tests.contracts.vectors.vector import vector


@vector(
    "An order contract.",
    authentic=True,
    findings="sealed",
    of="order",
    status="official",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
)
def order_contract(kit: Kit) -> bytes:
    return kit["order"].sealed


@vector(
    "A payment request contract of many pages.",
    authentic=True,
    findings="sealed",
    of="request",
    status="official",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
)
def payment_request_contract(kit: Kit) -> bytes:
    return kit["request"].sealed


@vector(
    "Another customer's contract.",
    authentic=True,
    findings="sealed",
    of="other",
    status="official",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
)
def another_contract(kit: Kit) -> bytes:
    return kit["other"].sealed


@vector(
    "A contract voided since.",
    authentic=True,
    findings="sealed voided",
    of="voided",
    status="voided",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
)
def voided_contract(kit: Kit) -> bytes:
    return kit["voided"].sealed


@vector(
    "An expired payment request contract.",
    authentic=True,
    findings="invalid sealed",
    of="invalid",
    status="invalid",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
)
def invalid_contract(kit: Kit) -> bytes:
    return kit["invalid"].sealed


@vector(
    "A void certificate.",
    authentic=True,
    findings="sealed void_certificate voided",
    of="voided",
    status="voided",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
)
def void_certificate(kit: Kit) -> bytes:
    return kit["voided"].files[Kind.VOID_CERTIFICATE]


@vector(
    "Verified after the seal's certificate expired.",
    authentic=True,
    findings="sealed",
    of="order",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=TODAY,
    after=timedelta(days=3 * 365),
)
def after_the_certificate_expired(kit: Kit) -> bytes:
    return kit["order"].sealed


@vector(
    "Verified after the root expired.",
    authentic=True,
    findings="sealed",
    of="order",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=TODAY,
    after=timedelta(days=15 * 365),
)
def after_the_root_expired(kit: Kit) -> bytes:
    return kit["order"].sealed


@vector(
    "Sealed under the former root.",
    authentic=True,
    findings="sealed",
    of="former",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because="pyHanko trusted only the present root here; ours also trusts the former one (SEAL_ROOTS).",
)
def sealed_under_the_former_root(kit: Kit) -> bytes:
    return kit["former"].sealed


@vector(
    "Sealed with a retired key.",
    authentic=True,
    findings="sealed",
    of="retired",
    status="official",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
)
def sealed_with_a_retired_key(kit: Kit) -> bytes:
    return kit["retired"].sealed


@vector(
    "Sealed with a renewed certificate.",
    authentic=True,
    findings="sealed",
    of="renewed",
    status="official",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
)
def sealed_with_a_renewed_certificate(kit: Kit) -> bytes:
    return kit["renewed"].sealed


@vector(
    "Certificate revoked after sealing.",
    authentic=True,
    findings="certificate_revoked sealed",
    of="revoked_since",
    status="official",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    after=timedelta(days=60),
)
def after_the_certificate_was_revoked(kit: Kit) -> bytes:
    return kit["revoked_since"].sealed


@vector(
    "With a timestamp (PAdES B-T).",
    authentic=True,
    findings="sealed",
    of="stamped",
    status="official",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
)
def sealed_with_a_timestamp(kit: Kit) -> bytes:
    return kit["stamped"].sealed


@vector(
    "Validation data added before it was registered.",
    authentic=True,
    findings="sealed",
    of="extended",
    status="official",
    pyhanko="valid ENTIRE_REVISION",
    pdfsig="valid partial",
)
def sealed_with_validation_data(kit: Kit) -> bytes:
    return kit["extended"].sealed
