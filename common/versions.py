from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

Row = TypeVar("Row", bound=models.Model)
PUBLISHED_VERSION_ERROR = "A published version never changes (R23)."


class VersionQuerySet(models.QuerySet[Row]):
    """A queryset that refuses to update or delete published versions, as `Version` does."""

    def published(self) -> "models.QuerySet[Row]":
        return self.filter(published_at__isnull=False)

    def in_force(self) -> Row | None:
        """Return the published version with the highest number; None if none has been published."""
        return self.published().order_by("version").last()

    def update(self, **kwargs: Any) -> int:
        if self.published().exists():
            raise TypeError(PUBLISHED_VERSION_ERROR)
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        if self.published().exists():
            raise TypeError(PUBLISHED_VERSION_ERROR)
        return super().delete()


class Version(models.Model):
    """Versioned text that is the same in every contract. Staff prepare and publish a version; it never changes after.

    The published version with the highest number is in force. Drafts record which version they used (R23).
    """

    version = models.PositiveIntegerField(_("version"))
    created_at = models.DateTimeField(_("prepared at"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("prepared by"),
    )
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("published by"),
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_once_published()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_once_published()
        return super().delete(*args, **kwargs)

    @property
    def published(self) -> bool:
        return self.published_at is not None

    def publish(self, *, at: datetime, by_id: int) -> None:
        self.published_at = at
        self.published_by_id = by_id

    def _refuse_once_published(self) -> None:
        """Check the stored row, because publishing itself saves a version that is not yet published in the database."""
        stored = type(self)._base_manager.filter(pk=self.pk) if self.pk else None
        if stored is not None and stored.filter(published_at__isnull=False).exists():
            raise TypeError(PUBLISHED_VERSION_ERROR)
