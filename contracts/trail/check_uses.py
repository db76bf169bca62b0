"""Compare the ledger of uses of the seal's key with what the key sealed. Each has exactly one use."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from common.chunks import in_chunks
from common.days import Interval
from contracts.models import AuditEvent, ContractDocument, EvidenceSignature, SealUse, TrailSeal
from contracts.seal_keys import trust_for
from contracts.trail.defects import Defect

DOCUMENTS_PER_BATCH = 500
MAX_DELAY = timedelta(days=1)
"""Between the use of the key and the registration of its document: another host's clock, and slow servers."""
SEALED = {
    ContractDocument.Kind.OFFICIAL: (SealUse.Purpose.CONTRACT, AuditEvent.Kind.CONVERTED),
    ContractDocument.Kind.VOID_CERTIFICATE: (SealUse.Purpose.VOID_CERTIFICATE, AuditEvent.Kind.VOIDED),
}
"""Kind of document → purpose of its use, and the event that registers it."""
OF_DOCUMENTS = [purpose for purpose, _event in SEALED.values()]


def check_uses(number: str = "") -> Iterator[Defect]:
    """Yield a defect for each sealed document, daily list and bundle signature without exactly one use that agrees.

    `number` limits the check to one contract. Memory is bounded. Raises SealUnavailable.
    """
    documents = ContractDocument.objects.filter(kind__in=SEALED).select_related("contract").order_by("pk")
    if number:
        documents = documents.filter(contract__number=number)
    keys = {is_test: trust_for(is_test=is_test).keys for is_test in (False, True)}
    for chunk in in_chunks(documents.iterator(chunk_size=DOCUMENTS_PER_BATCH), DOCUMENTS_PER_BATCH):
        yield from _check_documents(chunk, keys)
    if not number:
        yield from _check_lists()
        yield from _check_bundles()


def find_spare_uses() -> "QuerySet[SealUse]":
    """Return the uses for documents that no contract has: its conversion was refused or interrupted afterwards."""
    stored = ContractDocument.objects.filter(sha256=OuterRef("output_sha256"), contract=OuterRef("contract"))
    lists = TrailSeal.objects.filter(signature_sha256=OuterRef("output_sha256"))
    return SealUse.objects.filter(
        Q(~Exists(stored), purpose__in=OF_DOCUMENTS) | Q(~Exists(lists), purpose=SealUse.Purpose.DAILY_LIST)
    )


class Reconciliation(NamedTuple):
    """Sealed documents and daily lists of some days, and the uses of the key for them."""

    documents: int
    without_use: int
    """Must be zero."""
    uses: int
    without_document: int
    """Explained by conversions that were refused or interrupted after the key had signed."""

    @property
    def is_sound(self) -> bool:
        return self.without_use == 0


def reconcile(since: date | None, until: date | None) -> Reconciliation:
    """Count the documents sealed on these days in the office's time zone, and the uses of the key."""
    zone, days = timezone.get_default_timezone(), Interval(since, until)
    official = Q(days.on("contract__official_at", zone), kind="official", contract__official_at__isnull=False)
    voided = Q(days.on("contract__voided_at", zone), kind="void_certificate", contract__voided_at__isnull=False)
    use = SealUse.objects.filter(output_sha256=OuterRef("sha256"), contract=OuterRef("contract"))
    sealed, missing = 0, 0
    for condition in (official, voided):  # two statements, each with its index
        documents = ContractDocument.objects.filter(condition)
        sealed += documents.count()
        missing += documents.filter(~Exists(use)).count()
    lists = TrailSeal.objects.filter(days.on("sealed_at", zone))
    signed = SealUse.objects.filter(output_sha256=OuterRef("signature_sha256"))
    uses = Q(days.on("at", zone))
    return Reconciliation(
        sealed + lists.count(),
        missing + lists.filter(~Exists(signed)).count(),
        SealUse.objects.filter(uses, purpose__in=[*OF_DOCUMENTS, SealUse.Purpose.DAILY_LIST]).count(),
        find_spare_uses().filter(uses).count(),
    )


def _check_documents(documents: Sequence[ContractDocument], keys: Mapping[bool, Collection[str]]) -> Iterator[Defect]:
    contracts = {document.contract_id for document in documents}
    uses = defaultdict(list)
    for use in SealUse.objects.filter(output_sha256__in=[document.sha256 for document in documents]):
        uses[use.output_sha256].append(use)
    drafts = ContractDocument.objects.filter(contract__in=contracts, kind=ContractDocument.Kind.DRAFT)
    hashes = dict(drafts.values_list("contract", "sha256"))
    events = AuditEvent.objects.filter(contract__in=contracts, kind__in=[kind for _use, kind in SEALED.values()])
    asked = {
        (contract, kind): by for contract, kind, *by in events.values_list("contract", "kind", "actor_id", "source")
    }
    for document in documents:
        purpose, event = SEALED[ContractDocument.Kind(document.kind)]
        own = [
            use for use in uses[document.sha256] if (use.contract_id, use.purpose) == (document.contract_id, purpose)
        ]
        if len(own) != 1 or len(uses[document.sha256]) != 1:
            yield _count_defect(document, len(own))
            continue
        [use] = own
        facts = {
            _("key"): use.fingerprint in keys[document.contract.is_test],
            _("level"): use.level == document.level,
            _("time"): abs(use.at - document.created_at) <= MAX_DELAY,
            _("draft"): document.kind != "official" or use.content_sha256 == hashes.get(document.contract_id),
            _("person"): [use.actor_id, use.source] == asked.get((document.contract_id, event)),
        }
        if wrong := [name for name, is_right in facts.items() if not is_right]:
            yield Defect(
                document.contract.number,
                _("The use of the seal's key agrees with the sealed document"),
                _("%(document)s, use %(id)d: %(facts)s differ.")
                % {"document": document.get_kind_display(), "id": use.pk, "facts": ", ".join(wrong)},
            )


def _count_defect(document: ContractDocument, count: int) -> Defect:
    return Defect(
        document.contract.number,
        _("Each sealed document has exactly one use of the seal's key"),
        _("%(document)s has %(count)d. SHA-256: %(sha256)s.")
        % {"document": document.get_kind_display(), "count": count, "sha256": document.sha256},
    )


def _check_lists() -> Iterator[Defect]:
    uses = SealUse.objects.filter(purpose=SealUse.Purpose.DAILY_LIST)
    signed = dict(uses.values_list("output_sha256", "content_sha256"))
    for one in TrailSeal.objects.all():
        if signed.get(one.signature_sha256) not in ("", one.sha256):
            yield Defect(
                _("Daily list %(number)d of %(day)s") % {"number": one.number, "day": one.day},
                _("Each daily list has a use of the seal's key"),
                _("The ledger of uses has none for its signature."),
            )


def _check_bundles() -> Iterator[Defect]:
    used = SealUse.objects.filter(purpose=SealUse.Purpose.BUNDLE, content_sha256=OuterRef("pk"))
    for one in EvidenceSignature.objects.filter(~Exists(used)).iterator():
        yield Defect(
            _("Signature of an evidence bundle of %(at)s") % {"at": f"{one.signed_at:%Y-%m-%d %H:%M}"},
            _("Each signed bundle has a use of the seal's key"),
            _("The ledger of uses has none for checksums %(sha256)s.") % {"sha256": one.pk},
        )
