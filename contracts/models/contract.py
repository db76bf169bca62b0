"""A contract and its files."""

import secrets
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accounts.models import Account, DocumentLanguage, Issuer
from common.change_times import ChangeTimeField
from common.money_fields import MoneyField
from common.text_fields import IdentifierField, LineField
from contracts.models.querysets import ContractQuerySet
from contracts.sealing.levels import SealLevel
from contracts.types import ASKING_FOR_PAYMENT, CHOICES, EXPIRING, REMINDING_OF_DRAFTS, TYPES, ContractType

# Without 0/O, 1/I/L and U, because codes are read aloud and typed from paper.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_number() -> str:
    """Return a contract number: unique and opaque, with 58 random bits (R16)."""
    return "EC" + "".join(secrets.choice(ALPHABET) for _ in range(12))


def new_verification_code() -> str:
    """Return a code that cannot be guessed, with 98 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(20))


def _can_expire(contract: Any) -> bool:
    return contract.contract_type.expires


class Contract(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft contract")
        OFFICIAL = "official", _("Active official contract")
        VOIDED = "voided", _("Voided")
        INVALID = "invalid", _("Invalid")

    Language = DocumentLanguage
    LIVE = (Status.DRAFT, Status.OFFICIAL)

    number = IdentifierField(_("contract No."), max_length=32, unique=True, default=new_number, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="contracts", verbose_name=_("account"))
    type = models.CharField(_("contract type"), max_length=16, choices=CHOICES)
    status = FSMField(max_length=16, choices=Status.choices, default=Status.DRAFT, protected=True)
    language = models.CharField(max_length=8, choices=Language, default=Language.ENGLISH)
    currency = models.CharField(max_length=3)
    total_amount = MoneyField()
    order_count = models.PositiveSmallIntegerField(_("number of orders"))
    remarks = LineField(max_length=200, blank=True)
    po_number = LineField(
        _("PO number"),
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text=_("The customer's purchase order number (R34)."),
    )
    is_test = models.BooleanField(
        _("test contract"),
        default=False,
        db_default=False,
        editable=False,
        help_text=_("Of a test account: it says TEST, carries the test seal and counts nowhere (R48)."),
    )
    verification_code = IdentifierField(max_length=32, unique=True, default=new_verification_code, editable=False)

    # The snapshot (R23). The contract's content is read from here and from the lines, never from the account, the
    # issuer or the orders, which change later.
    party_a = models.JSONField()
    party_b = models.JSONField()
    remittance_account = models.JSONField(null=True)
    order_numbers = models.JSONField()
    time_zone = models.CharField(max_length=64)
    verification_url = models.CharField(max_length=500)
    issuer_version = models.ForeignKey(
        Issuer,
        models.PROTECT,
        related_name="+",
        help_text=_("The version that the contract was drafted with (R23)."),
    )
    clause_version = models.ForeignKey(
        "contracts.ClauseVersion",
        models.PROTECT,
        related_name="+",
        help_text=_("The version that the contract was drafted with (R23)."),
    )

    applied_at = models.DateTimeField(_("application time"))
    official_at = models.DateTimeField(_("official since"), null=True)
    voided_at = models.DateTimeField(null=True)
    invalid_at = models.DateTimeField(null=True)
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=500, blank=True)
    reminded_at = models.DateTimeField(null=True, help_text=_("When the members were reminded, once at most."))
    updated_at = ChangeTimeField(
        help_text=_("When it, a void ticket, an approval or an invoice number last changed."),
    )

    objects = ContractQuerySet.as_manager()

    # Annotations of ContractQuerySet.
    order_ended_at: datetime | None
    is_past: bool
    ticket_open: bool
    approval_requested_by: int | None
    """Id of the user who requested the open approval (R44)."""
    newest_first: list[Any]
    """Its approvals, where the API has loaded them."""
    loaded_documents: "list[ContractDocument]"
    """All documents, in a list, which costs a tenth of a prefetched `documents.all()` for each row."""

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["-applied_at", "-pk"]
        permissions = [("integrate_contracts", "Can read the contracts of all accounts by API")]
        indexes = [
            models.Index(fields=["-applied_at", "-id"], name="contract_newest_of_all"),
            models.Index(fields=["status", "-applied_at", "-id"], name="contract_newest_of_status"),
            models.Index(
                fields=["status", "-applied_at", "-id"],
                condition=Q(type__in=EXPIRING),
                name="contract_newest_expiring",
            ),
            models.Index(
                fields=["status", "-applied_at", "-id"], condition=Q(is_test=True), name="contract_newest_test"
            ),
            models.Index(fields=["official_at"], condition=Q(official_at__isnull=False), name="contract_issued"),
            models.Index(fields=["voided_at"], condition=Q(voided_at__isnull=False), name="contract_voided"),
            models.Index(fields=["invalid_at"], condition=Q(invalid_at__isnull=False), name="contract_ended"),
            models.Index(fields=["account", "-applied_at", "-id"], name="contract_newest_first"),
            models.Index(fields=["account", "updated_at", "id"], name="contract_last_changed"),
            models.Index(fields=["updated_at", "id"], name="contract_last_changed_of_all"),
            models.Index(fields=["account"], condition=Q(status="draft"), name="contract_draft_of_account"),
            models.Index(Upper("po_number"), condition=~Q(po_number=""), name="contract_by_po_number"),
            models.Index(
                fields=["expires_at"],
                condition=Q(status__in=("draft", "official"), expires_at__isnull=False),
                name="contract_due",
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(status__in=("draft", "official"), expires_at__isnull=False, reminded_at=None),
                name="contract_to_remind_of_end",
            ),
            models.Index(
                fields=["applied_at"],
                condition=Q(status="draft", type__in=REMINDING_OF_DRAFTS, reminded_at=None),
                name="contract_to_remind_of_draft",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(type__in=tuple(TYPES)), name="contract_type_known"),
            models.CheckConstraint(condition=Q(total_amount__gte=0), name="contract_total_not_negative"),
            models.CheckConstraint(condition=Q(order_count__range=(1, 200)), name="contract_has_1_to_200_orders"),
            models.CheckConstraint(
                condition=Q(status="draft", official_at=None, voided_at=None, invalid_at=None)
                | Q(status="official", official_at__isnull=False, voided_at=None, invalid_at=None)
                | Q(status="voided", voided_at__isnull=False, invalid_at=None)
                | Q(status="invalid", invalid_at__isnull=False, voided_at=None, type__in=EXPIRING),
                name="contract_status_and_times_agree",
            ),
            models.CheckConstraint(
                condition=Q(type__in=EXPIRING, expires_at__isnull=False) | Q(~Q(type__in=EXPIRING), expires_at=None),
                name="contract_type_and_expiry_agree",
            ),
            models.CheckConstraint(
                condition=Q(type__in=ASKING_FOR_PAYMENT, remittance_account__isnull=False)
                | Q(~Q(type__in=ASKING_FOR_PAYMENT), remittance_account=None),
                name="contract_type_and_remittance_agree",
            ),
            models.CheckConstraint(
                condition=Q(official_at=None) | Q(official_at__gte=F("applied_at")),
                name="contract_official_after_draft",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_documents(self) -> "list[ContractDocument]":
        """Return all documents, without a statement if `with_facts_at` has loaded them."""
        return self.loaded_documents if "loaded_documents" in self.__dict__ else list(self.documents.all())

    @property
    def contract_type(self) -> ContractType:
        return TYPES[self.type]

    @property
    def status_at(self) -> str:
        """The status at the time of `with_status_at`, whether or not the scheduler has run since (R21)."""
        return self.Status.INVALID if self.is_past or self.order_ended_at else self.status

    @property
    def invalid_since(self) -> datetime | None:
        """When it became invalid, or None: like `status_at`, whether or not the scheduler has run."""
        if not (self.is_past or self.order_ended_at):
            return self.invalid_at
        begun = self.official_at or self.applied_at  # nothing ends before it began, even if times were corrected
        return max(min(filter(None, (self.expires_at, self.order_ended_at))), begun)

    @transition(status, source=Status.DRAFT, target=Status.OFFICIAL)
    def make_official(self, *, at: datetime) -> None:
        self.official_at = at
        if self.contract_type.starts_when_official:
            self.valid_from = at  # R19

    @transition(status, source=Status.DRAFT, target=Status.VOIDED)
    def void(self, *, at: datetime, reason: str) -> None:
        self.voided_at = at
        self.void_reason = reason

    @transition(status, source=Status.OFFICIAL, target=Status.VOIDED)
    def void_by_ticket(self, *, at: datetime, reason: str) -> None:
        self.voided_at = at
        self.void_reason = reason

    @transition(status, source=list(LIVE), target=Status.INVALID, conditions=[_can_expire])
    def invalidate(self, *, at: datetime) -> None:
        self.invalid_at = at


class ContractDocument(models.Model):
    """A stored file of a contract. Its path in the storage is its hash, so a row never refers to other content."""

    class Kind(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OFFICIAL = "official", _("Official")
        VOID_CERTIFICATE = "void_certificate", _("Void certificate")

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="documents", verbose_name=_("contract"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField(_("size"), help_text=_("Bytes."))
    pages = models.PositiveSmallIntegerField(_("pages"))
    created_at = models.DateTimeField(_("registered at"))
    level = models.CharField(
        _("seal level"),
        max_length=4,
        choices=SealLevel,
        blank=True,
        help_text=_("The PAdES level that the document was sealed at; none for drafts."),
    )

    class Meta:
        verbose_name = _("contract document")
        verbose_name_plural = _("contract documents")
        indexes = [
            models.Index(fields=["sha256"], name="document_by_hash"),
            models.Index(fields=["-id"], condition=Q(kind="void_certificate"), name="document_void_certificate"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["contract", "kind"], name="one_document_a_kind"),
            models.CheckConstraint(condition=~Q(kind="draft") | Q(level=""), name="no_seal_on_a_draft"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id}: {self.kind}"

    @property
    def sealed(self) -> bool:
        return self.kind != self.Kind.DRAFT
