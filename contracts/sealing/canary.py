"""Check the seal before customers need it: seal and verify a trial document, and check what sealing depends on.

Nothing is stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from io import BytesIO

from cryptography import x509 as pyca
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pyhanko.pdf_utils.reader import PdfFileReader

from common.normal_forms import normalise_identifier
from contracts.pdf.draft_mark import SEAL_PLACE
from contracts.sealing import check_seal, seal, validate_seal
from contracts.sealing.embedded import renew_crl
from contracts.sealing.key import LoadedSeal, SealUnavailable, configured_seal
from contracts.sealing.levels import wanted_level
from contracts.sealing.of_test_accounts import trust_in_test_accounts, usable_seal_of_test_accounts
from contracts.sealing.trust import Trust, judge, trust

CERTIFICATE_EXPIRY_NOTICE = timedelta(days=30)
CLOCK_TOLERANCE = timedelta(minutes=5)


class Severity(StrEnum):
    SOUND = "sound"
    WARNING = "warning"
    BROKEN = "broken"
    """No document can be sealed, or seals would be wrong."""


@dataclass(frozen=True, slots=True)
class SealCheckItem:
    severity: Severity
    sentence: str


@dataclass(frozen=True, slots=True)
class Examination:
    items: tuple[SealCheckItem, ...]
    expires_at: datetime | None
    """Expiry of the seal's certificate (aware); None if it cannot be read."""

    @property
    def broken(self) -> list[str]:
        return [item.sentence for item in self.items if item.severity == Severity.BROKEN]

    @property
    def warnings(self) -> list[str]:
        return [item.sentence for item in self.items if item.severity == Severity.WARNING]


def examine(*, recorded_at: datetime | None, issuer_name: str) -> Examination:
    """Check the configured seal. `recorded_at` (aware) is the latest time known to be in the past.

    `issuer_name` is Party B's name, or empty before an issuer is published. Renews the test CA's CRL if it is due.
    Waits for the timestamp server, if one is set. Failures are returned as items; nothing is raised.
    """
    now = datetime.now(UTC)
    try:
        loaded = configured_seal()
    except SealUnavailable as refused:
        return Examination((SealCheckItem(Severity.BROKEN, refused.detail),), None)
    items = [*_key(loaded), *_holder(loaded, issuer_name), *_validity(loaded, now), *_clock(now, recorded_at)]
    try:
        if loaded.is_test and loaded.folder:
            renew_crl(loaded.folder)
    except (OSError, ValueError) as error:
        sentence = _("The test CA's CRL in %(folder)s could not be renewed: %(error)s.")
        items.append(SealCheckItem(Severity.WARNING, sentence % {"folder": loaded.folder, "error": error}))
    try:
        trusted = trust()
        items += _crls(loaded, trusted, now)
        items += _trial(trusted, now)
    except SealUnavailable as refused:
        items.append(SealCheckItem(Severity.BROKEN, refused.detail))
    return Examination(tuple(dict.fromkeys(items)), loaded.expires_at)


def examine_seal_of_test_accounts() -> tuple[SealCheckItem, ...]:
    """Check the seal of test accounts, without which their contracts stay drafts (R48). Others do not need it."""
    document = _trial_document()
    try:
        loaded = usable_seal_of_test_accounts()
        sealed = seal(document, number="TRIAL", issuer_name="Seal check", what="Trial document", is_test=True)
        validate_seal(sealed, draft=document, trusted=trust_in_test_accounts(), is_test=True)
    except SealUnavailable as refused:
        sentence = _("Contracts of test accounts cannot be sealed: %(why)s")
        return (SealCheckItem(Severity.WARNING, sentence % {"why": refused.detail}),)
    sentence = _("The seal of test accounts works.")
    return (SealCheckItem(Severity.SOUND, sentence), *_validity(loaded, datetime.now(UTC)))


def _key(loaded: LoadedSeal) -> Iterator[SealCheckItem]:
    try:
        check_seal()
    except SealUnavailable as refused:
        yield SealCheckItem(Severity.BROKEN, refused.detail)
        return
    sentence = _("The key of %(subject)s can be used.") % {"subject": _common_name(loaded.certificate.subject)}
    yield SealCheckItem(Severity.SOUND, sentence)


def _holder(loaded: LoadedSeal, issuer_name: str) -> Iterator[SealCheckItem]:
    """Compare the holder of the certificate with Party B. A test seal may name anyone."""
    subject = loaded.certificate.subject
    organisations = subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    holder = str(organisations[0].value) if organisations else _common_name(subject)
    if issuer_name and not loaded.is_test and normalise_identifier(holder) != normalise_identifier(issuer_name):
        sentence = _(
            "The seal's certificate belongs to %(holder)s, but Party B is %(issuer)s. Use a certificate of Party B, or "
            "correct the issuer."
        )
        yield SealCheckItem(Severity.WARNING, sentence % {"holder": holder, "issuer": issuer_name})


def _validity(loaded: LoadedSeal, now: datetime) -> Iterator[SealCheckItem]:
    """Report the expiry of each certificate of the chain. `_key` also reports if the seal's own has expired."""
    for certificate in (pyca.load_der_x509_certificate(one.dump()) for one in loaded.chain):
        left = certificate.not_valid_after_utc - now
        ends = _ends(_common_name(certificate.subject), certificate.not_valid_after_utc, left)
        if left > CERTIFICATE_EXPIRY_NOTICE:
            yield SealCheckItem(Severity.SOUND, ends)
        else:
            renew = _("Renew it in time; see docs/sealing.md.")
            if left < timedelta(0):
                renew = _("Renew it; see docs/sealing.md.")
            yield SealCheckItem(Severity.WARNING, f"{ends} {renew}")


def _ends(subject: str, at: datetime, left: timedelta) -> str:
    """Return a sentence about the certificate's expiry."""
    facts = {"subject": subject, "day": f"{at:%Y-%m-%d}", "days": left.days}
    if left < timedelta(0):
        sentence = _("The certificate %(subject)s expired on %(day)s.")
    elif not left.days:
        sentence = _("The certificate %(subject)s expires on %(day)s, in less than a day.")
    else:
        sentence = ngettext(
            "The certificate %(subject)s expires on %(day)s, in %(days)d day.",
            "The certificate %(subject)s expires on %(day)s, in %(days)d days.",
            left.days,
        )
    return sentence % facts


def _clock(now: datetime, recorded_at: datetime | None) -> Iterator[SealCheckItem]:
    if recorded_at is None or now >= recorded_at - CLOCK_TOLERANCE:
        sentence = _("The machine's clock, %(now)s UTC, is not behind the latest record.")
        yield SealCheckItem(Severity.SOUND, sentence % {"now": _minute(now)})
    else:
        sentence = _(
            "The machine's clock shows %(now)s UTC, but the latest record is from %(recorded)s UTC: set the clock."
        )
        yield SealCheckItem(Severity.BROKEN, sentence % {"now": _minute(now), "recorded": _minute(recorded_at)})


def _crls(loaded: LoadedSeal, trusted: Trust, now: datetime) -> Iterator[SealCheckItem]:
    """Check the CRLs of the current issuers of seal and timestamps; those of earlier issuers may be outdated."""
    issuers = {one.issuer.hashable for one in loaded.chain} | {one.subject.hashable for one in trusted.timestamp_roots}
    for one in trusted.crls:
        due = one["tbs_cert_list"]["next_update"].native
        if one.issuer.hashable not in issuers or due is None:
            continue
        facts = {"issuer": one.issuer.native.get("common_name", one.issuer.human_friendly), "due": _minute(due)}
        if due > now:
            yield SealCheckItem(Severity.SOUND, _("The CRL of %(issuer)s is current until %(due)s UTC.") % facts)
        else:
            yield SealCheckItem(
                Severity.WARNING,
                _("The CRL of %(issuer)s expired on %(due)s UTC: put a current one into SEAL_CRL.") % facts,
            )


def _trial(trusted: Trust, now: datetime) -> Iterator[SealCheckItem]:
    """Seal a document like a contract and verify it. Raises SealUnavailable."""
    document = _trial_document()
    sealed = seal(document, number="TRIAL", issuer_name="Seal check", what="Trial document")
    level = validate_seal(sealed, draft=document)
    facts = {"level": level, "wanted": wanted_level(), "url": settings.SEAL_TSA_URL}
    if level == wanted_level():
        yield SealCheckItem(Severity.SOUND, _("A trial document was sealed at level %(level)s and verified.") % facts)
    else:
        yield SealCheckItem(
            Severity.WARNING,
            _("Seals are at level %(level)s instead of %(wanted)s: the timestamp server %(url)s fails.") % facts,
        )
    [signature] = PdfFileReader(BytesIO(sealed)).embedded_signatures
    stamp = judge(signature, trusted).timestamp_validity
    if stamp and abs(stamp.timestamp - now) > CLOCK_TOLERANCE:
        yield SealCheckItem(
            Severity.WARNING,
            _("The machine's clock shows %(now)s UTC, but the timestamp server %(stamped)s UTC: set the clock.")
            % {"now": _minute(now), "stamped": _minute(stamp.timestamp)},
        )


def _common_name(subject: pyca.Name) -> str:
    names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else subject.rfc4514_string()


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def _trial_document() -> bytes:
    """Return an empty page with a seal place: the smallest valid draft (ISO 32000-2, 7.5)."""
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 5 0 R/Annots[4 0 R]>>",
        f"<</Type/Annot/Subtype/Stamp/NM({SEAL_PLACE})/Rect[238 361 357 480]>>",
        "<</Length 0>>stream\n\nendstream",
    ]
    content, places = "%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    content += f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R>>\n"
    return f"{content}startxref\n{content.index('xref')}\n%%EOF\n".encode()
