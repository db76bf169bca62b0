"""Files that are registered as sealed, but under seals that we would not set: the register alone proves nothing."""

from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.vector import vector


@vector(
    "Under our root, with a certificate without nonRepudiation.",
    findings="not_ours",
    of="weak",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=("pdfsig -nocert does not ask what the certificate may be used for, and this one may not bind anybody."),
)
def registered_without_non_repudiation(kit: Kit) -> bytes:
    return kit["weak"].sealed


@vector(
    "Under our root, with a certificate that had expired when it was sealed.",
    findings="certificate_expired",
    of="expired",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because="pdfsig -nocert does not ask how long the certificate was valid: not when it sealed.",
)
def registered_with_an_expired_certificate(kit: Kit) -> bytes:
    return kit["expired"].sealed


@vector(
    "Under our root, with a certificate that was not valid yet when it was sealed.",
    findings="certificate_expired",
    of="early",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because="pdfsig -nocert does not ask from when the certificate was valid: not yet when it sealed.",
)
def registered_with_a_certificate_of_later(kit: Kit) -> bytes:
    return kit["early"].sealed


@vector(
    "Under a rogue root of the very names of ours.",
    findings="not_ours",
    of="rogue",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=("pdfsig -nocert does not ask who issued the certificate, and anybody may write our names into one."),
)
def registered_under_a_rogue_root(kit: Kit) -> bytes:
    return kit["rogue"].sealed


@vector(
    "Under our root, with a certificate that had been revoked before.",
    findings="certificate_revoked",
    of="revoked",
    status="official",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because=(
        "Neither was given the list of revoked certificates (SEAL_CRL), and the seal is on it from before it sealed."
    ),
)
def registered_with_a_revoked_certificate(kit: Kit) -> bytes:
    return kit["revoked"].sealed


@vector(
    "With the look of a seal and no signature.",
    findings="no_seal",
    of="bare",
    status="official",
    pyhanko="no signature",
    pdfsig="no signature",
)
def registered_without_a_signature(kit: Kit) -> bytes:
    return kit["bare"].sealed


@vector(
    "With something behind our seal.",
    findings="appended",
    of="newline",
    status="official",
    pyhanko="valid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=(
        "The signature holds for the part before; what is behind it nobody sealed, and the file is not the "
        "one that is registered."
    ),
)
def registered_with_something_appended(kit: Kit) -> bytes:
    return kit["newline"].sealed


@vector(
    "With a byte changed under our seal.",
    findings="changed",
    of="changed",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def registered_with_a_change(kit: Kit) -> bytes:
    return kit["changed"].sealed


@vector(
    "With a timestamp of a server that is not trusted.",
    findings="timestamp",
    of="stamped_elsewhere",
    status="official",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="valid total",
    because=(
        "pdfsig does not look at timestamps; this one is of a server that we do not trust, so the time of "
        "sealing is anybody's word."
    ),
)
def registered_with_an_unknown_timestamp(kit: Kit) -> bytes:
    return kit["stamped_elsewhere"].sealed
