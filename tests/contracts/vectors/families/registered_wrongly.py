"""Files that are registered as sealed, but under seals that we would not set: the register alone proves nothing."""

from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.vector import vector


@vector("Under our root, with a certificate without nonRepudiation.", findings="not_ours", of="weak", status="official", pyhanko="?", pdfsig="?")
def registered_without_non_repudiation(kit: Kit) -> bytes:
    return kit["weak"].sealed


@vector("Under our root, with a certificate that had expired when it was sealed.", findings="certificate_expired", of="expired", status="official", pyhanko="?", pdfsig="?")
def registered_with_an_expired_certificate(kit: Kit) -> bytes:
    return kit["expired"].sealed


@vector("Under our root, with a certificate that was not valid yet when it was sealed.", findings="certificate_expired", of="early", status="official", pyhanko="?", pdfsig="?")
def registered_with_a_certificate_of_later(kit: Kit) -> bytes:
    return kit["early"].sealed


@vector("Under a rogue root of the very names of ours.", findings="not_ours", of="rogue", status="official", pyhanko="?", pdfsig="?")
def registered_under_a_rogue_root(kit: Kit) -> bytes:
    return kit["rogue"].sealed


@vector("Under our root, with a certificate that had been revoked before.", findings="certificate_revoked", of="revoked", status="official", pyhanko="?", pdfsig="?")
def registered_with_a_revoked_certificate(kit: Kit) -> bytes:
    return kit["revoked"].sealed


@vector("With the look of a seal and no signature.", findings="no_seal", of="bare", status="official", pyhanko="?", pdfsig="?")
def registered_without_a_signature(kit: Kit) -> bytes:
    return kit["bare"].sealed


@vector("With something behind our seal.", findings="appended", of="newline", status="official", pyhanko="?", pdfsig="?")
def registered_with_something_appended(kit: Kit) -> bytes:
    return kit["newline"].sealed


@vector("With a letter changed under our seal.", findings="changed", of="changed", status="official", pyhanko="?", pdfsig="?")
def registered_with_a_change(kit: Kit) -> bytes:
    return kit["changed"].sealed
