"""Files that are registered as sealed, but under seals that we would not set: the register alone proves nothing."""

from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.reasons import (
    ADDED,
    ANY_DATE,
    ANY_ISSUER,
    ANY_KEY,
    ANY_USE,
    NO_TIMESTAMPS,
    SIGNED_PART,
    UNKNOWN_LIST,
)
from tests.contracts.vectors.vector import vector


@vector(
    "A certificate without nonRepudiation.",
    findings="not_ours",
    of="weak",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=ANY_USE,
)
def registered_without_non_repudiation(kit: Kit) -> bytes:
    return kit["weak"].sealed


@vector(
    "A certificate that had expired.",
    findings="certificate_expired",
    of="expired",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=ANY_DATE,
)
def registered_with_an_expired_certificate(kit: Kit) -> bytes:
    return kit["expired"].sealed


@vector(
    "A certificate that was not valid yet.",
    findings="certificate_expired",
    of="early",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=ANY_DATE,
)
def registered_with_a_certificate_of_later(kit: Kit) -> bytes:
    return kit["early"].sealed


@vector(
    "A root of our names.",
    findings="not_ours",
    of="rogue",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=ANY_ISSUER,
)
def registered_under_a_rogue_root(kit: Kit) -> bytes:
    return kit["rogue"].sealed


@vector(
    "A rival's certificate under our root.",
    findings="not_ours",
    of="rival",
    status="official",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because=ANY_KEY,
)
def registered_with_a_rivals_key(kit: Kit) -> bytes:
    return kit["rival"].sealed


@vector(
    "A revoked certificate.",
    findings="certificate_revoked",
    of="revoked",
    status="official",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because=UNKNOWN_LIST,
)
def registered_with_a_revoked_certificate(kit: Kit) -> bytes:
    return kit["revoked"].sealed


@vector(
    "The look of a seal, without a signature.",
    findings="no_seal",
    of="bare",
    status="official",
    pyhanko="no signature",
    pdfsig="no signature",
)
def registered_without_a_signature(kit: Kit) -> bytes:
    return kit["bare"].sealed


@vector(
    "A newline behind our seal.",
    findings="appended",
    of="newline",
    status="official",
    pyhanko="valid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=ADDED,
)
def registered_with_something_appended(kit: Kit) -> bytes:
    return kit["newline"].sealed


@vector(
    "A byte changed.",
    findings="changed",
    of="changed",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def registered_with_a_change(kit: Kit) -> bytes:
    return kit["changed"].sealed


@vector(
    "A timestamp of an untrusted server.",
    findings="timestamp",
    of="stamped_elsewhere",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=NO_TIMESTAMPS,
)
def registered_with_an_unknown_timestamp(kit: Kit) -> bytes:
    return kit["stamped_elsewhere"].sealed


@vector(
    "A red page behind our seal.",
    findings="appended",
    of="painted",
    status="official",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=SIGNED_PART,
)
def registered_with_a_red_page(kit: Kit) -> bytes:
    return kit["painted"].sealed


@vector(
    "A page with two contents behind our seal, the second red.",
    findings="appended",
    of="ambiguous",
    status="official",
    pyhanko="unreadable",
    pdfsig="valid partial",
    because=SIGNED_PART,
)
def registered_with_two_page_contents(kit: Kit) -> bytes:
    return kit["ambiguous"].sealed


@vector(
    "A rival's signature behind our seal.",
    findings="appended several_signatures",
    of="signed_again",
    status="official",
    pyhanko="invalid ENTIRE_REVISION; valid ENTIRE_FILE",
    pdfsig="valid partial; valid total",
    because=SIGNED_PART,
)
def registered_with_a_second_signature(kit: Kit) -> bytes:
    return kit["signed_again"].sealed
