"""Games with validation data (DSS) behind the seal: rivals' certificates, lists of revoked ones, and odd structures."""

from datetime import datetime, timedelta
from functools import partial
from io import BytesIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper

from tests.contracts.vectors import keys, syntax
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.reasons import ADDED, HARMLESS, SIGNED_PART, UNREAD_LIST
from tests.contracts.vectors.syntax import NEW
from tests.contracts.vectors.vector import vector

STORE = NEW + 1
"""Number of the DSS dictionary; its streams follow. The red page's content is NEW."""
added = partial(
    vector,
    findings="appended",
    of="order",
    status="official",
    pyhanko="valid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=ADDED,
)
harmless = partial(added, findings="added_later", because=HARMLESS)
revoked = partial(added, findings="certificate_revoked", because=UNREAD_LIST)


@harmless("A rival's certificate.")
def rivals_certificate(kit: Kit) -> bytes:
    rival = keys.issue(kit.ours.root, kit.ours.seal).certificate
    return _with_store(kit, b"/Certs", [rival.public_bytes(Encoding.DER)])


@harmless("A forged list that revokes our seal.")
def forged_revocation(kit: Kit) -> bytes:
    return _with_store(kit, b"/CRLs", [_revocations(kit, keys.another_root(kit.ours.root))])


@revoked("A genuine list that revokes our seal since before it sealed.")
def genuine_revocation(kit: Kit) -> bytes:
    return _with_store(kit, b"/CRLs", [_revocations(kit, kit.ours.root)])


@added(
    "A genuine list that revokes our seal since before it sealed, and a red page.",
    findings="appended certificate_revoked",
    pyhanko="invalid ENTIRE_REVISION",
    because=SIGNED_PART,
)
def genuine_revocation_and_a_red_page(kit: Kit) -> bytes:
    sealed = genuine_revocation(kit)
    return syntax.with_update(sealed, syntax.red_page(sealed))


@harmless(
    "A genuine list that revokes our seal since the day after it sealed.",
    findings="added_later certificate_revoked",
    after=timedelta(days=2),
)
def later_revocation(kit: Kit) -> bytes:
    return _with_store(kit, b"/CRLs", [_revocations(kit, kit.ours.root, since=keys.NOON + timedelta(days=1))])


@revoked("A list with 5,000 entries, one of them our seal.")
def huge_revocation(kit: Kit) -> bytes:
    return _with_store(kit, b"/CRLs", [_revocations(kit, kit.ours.root, more=5_000)])


@added("A red page that no table names.", because=ADDED)
def with_a_stray_page(kit: Kit) -> bytes:
    """Programs that repair files search for objects and show the last of each number."""
    sealed = kit["order"].sealed
    stray = sealed + syntax.bodies(sealed, syntax.red_page(sealed))[0]
    root = syntax.with_entries(syntax.catalogue_of(sealed), b"/DSS<</Certs[]>>")
    return syntax.with_update(stray, {syntax.root_of(sealed): root})


@harmless("Junk.")
def store_of_junk(kit: Kit) -> bytes:
    return _with_store(kit, b"/OCSPs", [b"junk"], b"/Certs[%d 0 R]/CRLs[%d 0 R]" % (STORE + 1, STORE + 1))


@added("A store that refers to itself.", pyhanko="invalid ENTIRE_REVISION")
def store_in_a_circle(kit: Kit) -> bytes:
    return _with_store(kit, b"/VRI", [b""], b"/Certs[%d 0 R]/CRLs %d 0 R" % (STORE, STORE))


@added("A number instead of a store.", pyhanko="invalid ENTIRE_REVISION")
def store_that_is_a_number(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    root = syntax.with_entries(syntax.catalogue_of(sealed), b"/DSS 5")
    return syntax.with_update(sealed, {syntax.root_of(sealed): root})


@added("A red page beside it.", pyhanko="invalid ENTIRE_REVISION")
def with_a_red_page(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    root = syntax.with_entries(syntax.catalogue_of(sealed), b"/DSS<</Certs[]>>")
    return syntax.with_update(sealed, syntax.red_page(sealed) | {syntax.root_of(sealed): root})


@added(
    "An archive timestamp of an unknown server.",
    pdfsig="valid partial; not verified total",
    findings="added_later",
    because=HARMLESS,
)
def strangers_timestamp(kit: Kit) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(kit["order"].sealed))
    server = PdfTimeStamper(keys.timestamper(keys.another_root(kit.ours.root)))
    return server.timestamp_pdf(writer, "sha256").getvalue()


def _with_store(kit: Kit, key: bytes, values: list[bytes], entries: bytes = b"") -> bytes:
    sealed = kit["order"].sealed
    streams = {STORE + 1 + n: syntax.stream(value) for n, value in enumerate(values)}
    named = b" ".join(b"%d 0 R" % number for number in streams)
    store = {STORE: b"<</Type/DSS%b[%b]%b>>" % (key, named, entries)}
    root = syntax.with_entries(syntax.catalogue_of(sealed), b"/DSS %d 0 R" % STORE)
    return syntax.with_update(sealed, {syntax.root_of(sealed): root} | store | streams)


def _revocations(kit: Kit, root: keys.Holder, *, since: datetime = keys.NOON - keys.MONTH, more: int = 0) -> bytes:
    """Return a list (DER) that revokes our seal, and `more` certificates that nobody has."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(kit.ours.root.certificate.subject)
    builder = builder.last_update(since).next_update(keys.NOON + keys.YEAR)
    entry = x509.RevokedCertificateBuilder().revocation_date(since)
    numbers = [kit.ours.seal.certificate.serial_number, *range(1, more + 1)]
    listed = [entry.serial_number(number).build() for number in numbers]
    for one in listed:
        builder = builder.add_revoked_certificate(one)
    return builder.sign(root.key, hashes.SHA256()).public_bytes(Encoding.DER)
