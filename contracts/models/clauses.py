"""The contract's clauses, as Legal prepares and publishes them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from billing.errors import Refused
from billing.models import Version
from contracts.models.contract import Contract
from contracts.pdf.clauses import ClauseText


class ClauseVersionQuerySet(models.QuerySet["ClauseVersion"]):
    def in_force(self, type_: str) -> "ClauseVersion | None":
        """The published version of a contract type with the highest number; None where none was ever published."""
        return self.filter(type=type_, published_at__isnull=False).order_by("version").last()

    def current(self, type_: str) -> "ClauseVersion":
        """The version that new drafts of this type use. Raises Refused `clauses_missing`."""
        found = self.in_force(type_)
        if found is None:
            raise Refused(
                "clauses_missing", _now("This contract type has no published clauses. Its staff publish them.")
            )
        return found


class ClauseVersion(Version):
    """A version of all clauses of one contract type, in both languages.

    The languages are published together: a bilingual contract prints them side by side, clause by clause.
    """

    type = models.CharField(_("contract type"), max_length=16, choices=Contract.Type)

    objects = ClauseVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of the clauses")
        verbose_name_plural = _("contract clauses")
        ordering = ["type", "-version"]
        permissions = [("publish_clauseversion", "Can publish versions of the clauses")]
        constraints = [
            models.UniqueConstraint(fields=["type", "version"], name="clause_version_once"),
            models.UniqueConstraint(
                fields=["type"], condition=Q(published_at=None), name="one_clause_version_in_preparation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.version}"

    def texts(self) -> tuple[ClauseText, ...]:
        """The clauses as the document takes them, in order."""
        return tuple(ClauseText(*clause) for clause in self.clauses.values_list(*ClauseText._fields))


class Clause(models.Model):
    """One clause of a version. Its texts may hold the variables of `contracts.pdf.clauses`."""

    version = models.ForeignKey(ClauseVersion, models.CASCADE, related_name="clauses")
    position = models.PositiveSmallIntegerField(_("position"))
    heading_en = models.CharField(_("heading, English"), max_length=100)
    text_en = models.TextField(_("text, English"), max_length=4000)
    heading_zh = models.CharField(_("heading, Chinese"), max_length=100)
    text_zh = models.TextField(_("text, Chinese"), max_length=4000)

    class Meta:
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.position} {self.heading_en}"
