"""Files as they left us, and what has become of their contracts since."""

from datetime import timedelta

from tests.contracts.vectors.kit import Kind, Kit
from tests.contracts.vectors.vector import vector


@vector(
    "An order contract of one page, as downloaded.",
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
    "A payment request contract of many pages in both languages, with its straddle seal.",
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
    "Another customer's contract, shown by somebody who says it is theirs.",
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
    "A contract that was voided since.",
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
    "A payment request contract whose time has passed.",
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
    "The void certificate of the voided contract.",
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
    "An order contract, asked for when the seal's certificate has expired.",
    authentic=True,
    findings="sealed",
    of="order",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=(
        "pyHanko alone judges by today's date; it was valid when the file was sealed, which the register "
        "proves, and that counts."
    ),
    after=timedelta(days=3 * 365),
)
def after_the_certificate_expired(kit: Kit) -> bytes:
    return kit["order"].sealed


@vector(
    "An order contract, asked for when even the root has expired.",
    authentic=True,
    findings="sealed",
    of="order",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=(
        "pyHanko alone judges by today's date; it was valid when the file was sealed, which the register "
        "proves, and that counts."
    ),
    after=timedelta(days=15 * 365),
)
def after_the_root_expired(kit: Kit) -> bytes:
    return kit["order"].sealed


@vector(
    "A contract sealed before the company changed to another root.",
    authentic=True,
    findings="sealed",
    of="former",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because="pyHanko alone was given the present root; the former one is still pinned (SEAL_ROOTS).",
)
def sealed_under_the_former_root(kit: Kit) -> bytes:
    return kit["former"].sealed


@vector(
    "A contract whose seal's certificate was revoked after it had been sealed.",
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
    "A contract whose seal has a timestamp (PAdES B-T).",
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
    "A registered contract to which validation data was added before it was registered.",
    authentic=True,
    findings="sealed",
    of="extended",
    status="official",
    pyhanko="valid ENTIRE_REVISION",
    pdfsig="valid partial",
)
def sealed_with_validation_data(kit: Kit) -> bytes:
    return kit["extended"].sealed
