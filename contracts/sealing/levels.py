"""PAdES levels of seals (ETSI EN 319 142-1, 6). Each includes the one before."""

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SealLevel(TextChoices):
    B_B = "B-B", _("B-B: signed")
    B_T = "B-T", _("B-T: signed and timestamped")
    B_LT = "B-LT", _("B-LT: signed, timestamped, with revocation data")

    @property
    def has_timestamp(self) -> bool:
        return self is not SealLevel.B_B

    @property
    def rank(self) -> int:
        return list(SealLevel).index(self)


def wanted_level(*, is_test: bool = False) -> SealLevel:
    """Return the level of SEAL_LEVEL; by default B-T with a timestamp server and B-B without.

    Contracts of test accounts (`is_test`) are sealed at B-B, so that they cost no timestamps.
    """
    if is_test:
        return SealLevel.B_B
    return SealLevel(settings.SEAL_LEVEL or (SealLevel.B_T if settings.SEAL_TSA_URL else SealLevel.B_B))


def may_seal_without_timestamp() -> bool:
    """Return True if the operator chose to seal at B-B while the timestamp server fails."""
    return bool(settings.SEAL_TSA_FAILURE == "seal_without")
