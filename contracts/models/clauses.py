"""Versions of the clauses, which Legal prepares and publishes."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.errors import Refused
from common.versions import PUBLISHED_VERSION_ERROR, Version, VersionQuerySet
from contracts.pdf.snapshot import ClauseText
from contracts.types import CHOICES


class ClauseVersionQuerySet(VersionQuerySet["ClauseVersion"]):
    def of(self, type_: str) -> "ClauseVersionQuerySet":
        """Return the versions of one contract type. Each type has its own numbers and its own version in force."""
        return self.filter(type=type_)

    def current(self, type_: str) -> "ClauseVersion":
        """Return the version in force, which new drafts use, with its clauses in one statement.

        Raises Refused `clauses_missing` if none is published.
        """
        in_force = self.of(type_).published().order_by("-version").values("pk")[:1]
        clauses = list(Clause.objects.filter(version=in_force).select_related("version"))
        if not clauses:
            raise Refused(
                "clauses_missing",
                gettext("This contract type has no published clauses yet. Staff can publish them in the back office."),
            )
        version = clauses[0].version
        version.known_texts = tuple(clause.text() for clause in clauses)
        return version


class ClauseVersion(Version):
    """A version of all clauses of one contract type, in both languages.

    The languages are published together: a bilingual contract prints them side by side, clause by clause.
    """

    type = models.CharField(_("contract type"), max_length=16, choices=CHOICES)

    known_texts: tuple[ClauseText, ...] | None = None
    """The clauses, if they were loaded with the version."""

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
        """Return the clauses for the document, in order."""
        if self.known_texts is not None:
            return self.known_texts
        return tuple(clause.text() for clause in self.clauses.all())


class ClauseQuerySet(models.QuerySet["Clause"]):
    """A queryset that refuses to change the clauses of published versions, as `Clause` does."""

    def update(self, **kwargs: Any) -> int:
        self._refuse_once_published()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuse_once_published()
        return super().delete()

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Add all clauses of a version that is installed as published; later additions are refused."""
        clauses = list(objs)
        self.filter(version__in={clause.version_id for clause in clauses})._refuse_once_published()
        return super().bulk_create(clauses, *args, **kwargs)

    def _refuse_once_published(self) -> None:
        if self.filter(version__published_at__isnull=False).exists():
            raise TypeError(PUBLISHED_VERSION_ERROR)


class Clause(models.Model):
    """A clause of a version. Its texts may contain the variables of `contracts.pdf.clauses`."""

    version = models.ForeignKey(ClauseVersion, models.CASCADE, related_name="clauses")
    position = models.PositiveSmallIntegerField(_("position"))
    heading_en = models.CharField(_("heading, English"), max_length=100)
    text_en = models.TextField(_("text, English"), max_length=4000)
    heading_zh = models.CharField(_("heading, Chinese"), max_length=100)
    text_zh = models.TextField(_("text, Chinese"), max_length=4000)
    set_apart = models.BooleanField(
        _("set apart"),
        default=False,
        db_default=False,
        help_text=_("Printed in bold, as the law asks for clauses that limit liability."),
    )

    objects = ClauseQuerySet.as_manager()

    class Meta:
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.position} {self.heading_en}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_once_published()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_once_published()
        return super().delete(*args, **kwargs)

    def text(self) -> ClauseText:
        """Return the clause for the document."""
        return ClauseText(self.heading_en, self.text_en, self.heading_zh, self.text_zh, self.set_apart)

    def _refuse_once_published(self) -> None:
        """Raise TypeError if its version, or the version that it moves to, is published."""
        its = Q(pk=self.version_id) | Q(clauses__pk=self.pk) if self.pk else Q(pk=self.version_id)
        if ClauseVersion.objects.filter(its).published().exists():
            raise TypeError(PUBLISHED_VERSION_ERROR)
