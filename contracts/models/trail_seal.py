from datetime import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _


class TrailSeal(models.Model):
    """A daily list: the documents and the heads of trails of a day, in a file signed with the contract seal (R27, R38).

    Lists are numbered and each names its predecessor. The storage holds list and signature (trail/list_files.py).
    """

    number = models.PositiveIntegerField(_("number"), unique=True, help_text=_("From 1, without a gap."))
    day = models.DateField(_("day"), unique=True, help_text=_("In UTC."))
    sealed_at = models.DateTimeField(_("sealed at"))
    previous = models.CharField(
        _("previous list"), max_length=64, blank=True, help_text=_("SHA-256 of the previous list; empty for the first.")
    )
    sha256 = models.CharField("SHA-256", max_length=64, help_text=_("Of the list."))
    root = models.CharField(_("Merkle root"), max_length=64, help_text=_("Of the tree over the lines of the list."))
    signature_sha256 = models.CharField(_("SHA-256 of the signature"), max_length=64)
    documents = models.PositiveIntegerField(_("documents"))
    contracts = models.PositiveIntegerField(_("contracts"))
    last_event = models.BigIntegerField(help_text=_("The highest id of an event by then."))
    last_document = models.BigIntegerField(help_text=_("The highest id of a document by then."))

    class Meta:
        verbose_name = _("daily list")
        verbose_name_plural = _("daily lists")
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number}: {self.day}"


class EvidenceStampQuerySet(models.QuerySet["EvidenceStamp"]):
    def current(self) -> "EvidenceStampQuerySet":
        """Those that no later stamp renews."""
        later = EvidenceStamp.objects.filter(
            number__gt=OuterRef("number"), first_list__lte=OuterRef("first_list"), last_list__gte=OuterRef("last_list")
        )
        return self.filter(~Exists(later))

    def due(self, now: datetime) -> "EvidenceStampQuerySet":
        """Those that are due for renewal at `now` (aware)."""
        return self.current().filter(renew_at__lte=now)


class EvidenceStamp(models.Model):
    """A timestamp (RFC 3161) over consecutive daily lists, their signatures and all earlier stamps of them (R38).

    The first stamp of a list follows its sealing. Later ones renew it before certificates or algorithms end. The
    storage holds the stamp's file and token (trail/renewal/stamp_files.py).
    """

    number = models.PositiveIntegerField(_("number"), unique=True, help_text=_("From 1, without a gap."))
    first_list = models.PositiveIntegerField(_("first list"))
    last_list = models.PositiveIntegerField(_("last list"))
    stamped_at = models.DateTimeField(_("stamped at"), help_text=_("By the timestamp server's clock."))
    root = models.CharField(_("Merkle root"), max_length=64, help_text=_("The hash that the timestamp covers."))
    sha256 = models.CharField("SHA-256", max_length=64, help_text=_("Of the stamp's file."))
    token_sha256 = models.CharField(_("SHA-256 of the timestamp"), max_length=64)
    ends_at = models.DateTimeField(_("certificates end"))
    renew_at = models.DateTimeField(_("renewal due"))

    objects = EvidenceStampQuerySet.as_manager()

    class Meta:
        verbose_name = _("stamp of daily lists")
        verbose_name_plural = _("stamps of daily lists")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=Q(first_list__lte=F("last_list")), name="stamp_covers_lists"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.first_list}-{self.last_list}"


class TrailAnchor(models.Model):
    """How far the storage of TRAIL_ANCHOR_URL has received lists and stamps. One row for each value of the setting."""

    place = models.CharField(max_length=64, primary_key=True, help_text=_("SHA-256 of TRAIL_ANCHOR_URL."))
    lists = models.PositiveIntegerField(default=0, help_text=_("The number of the newest list that the anchor has."))
    stamps = models.PositiveIntegerField(default=0, help_text=_("The number of the newest list that the anchor has."))
    failing_since = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("anchor of the daily lists")
        verbose_name_plural = _("anchors of the daily lists")

    def __str__(self) -> str:
        return f"{self.place[:8]}: {self.lists}"
