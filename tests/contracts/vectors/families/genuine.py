"""Files as they left us, and what has become of their contracts since."""

from datetime import timedelta

from tests.contracts.vectors.kit import Kind, Kit
from tests.contracts.vectors.vector import vector

OFFICIAL = {"authentic": True, "pyhanko": "?", "pdfsig": "?"}


@vector("An order contract of one page, as downloaded.", findings="sealed", of="order", status="official", **OFFICIAL)
def order_contract(kit: Kit) -> bytes:
    return kit["order"].sealed


@vector(
    "A payment request contract of many pages in both languages, with its straddle seal.",
    findings="sealed",
    of="request",
    status="official",
    **OFFICIAL,
)
def payment_request_contract(kit: Kit) -> bytes:
    return kit["request"].sealed


@vector(
    "Another customer's contract, shown by somebody who says it is theirs.",
    findings="sealed",
    of="other",
    status="official",
    **OFFICIAL,
)
def another_contract(kit: Kit) -> bytes:
    return kit["other"].sealed


@vector("A contract that was voided since.", findings="sealed voided", of="voided", status="voided", **OFFICIAL)
def voided_contract(kit: Kit) -> bytes:
    return kit["voided"].sealed


@vector(
    "A payment request contract whose time has passed.", findings="sealed invalid", of="invalid", status="invalid", **OFFICIAL
)
def invalid_contract(kit: Kit) -> bytes:
    return kit["invalid"].sealed


@vector(
    "The void certificate of the voided contract.",
    findings="sealed void_certificate voided",
    of="voided",
    status="voided",
    **OFFICIAL,
)
def void_certificate(kit: Kit) -> bytes:
    return kit["voided"].files[Kind.VOID_CERTIFICATE]


@vector(
    "An order contract, asked for when the seal's certificate has expired.",
    authentic=True,
    findings="sealed",
    of="order",
    status="official",
    pyhanko="?",
    pdfsig="?",
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
    pyhanko="?",
    pdfsig="?",
    after=timedelta(days=15 * 365),
)
def after_the_root_expired(kit: Kit) -> bytes:
    return kit["order"].sealed


@vector("A contract sealed before the company changed to another root.", authentic=True, findings="sealed", of="former", status="official", pyhanko="?", pdfsig="?")
def sealed_under_the_former_root(kit: Kit) -> bytes:
    return kit["former"].sealed


@vector("A contract whose seal's certificate was revoked after it had been sealed.", authentic=True, findings="sealed certificate_revoked", of="revoked_since", status="official", pyhanko="?", pdfsig="?", after=timedelta(days=60))
def after_the_certificate_was_revoked(kit: Kit) -> bytes:
    return kit["revoked_since"].sealed
