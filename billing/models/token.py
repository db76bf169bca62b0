from typing import Self

from django.db import models
from knox.models import AbstractAuthToken

from billing.models.account import Membership


class ApiToken(AbstractAuthToken):
    """A hashed token that acts for one member of one account, or for an integrator, who has no account (R26)."""

    membership = models.ForeignKey(Membership, models.CASCADE, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.user} {self.token_key}…"

    @classmethod
    def for_member(cls, membership: Membership) -> tuple[Self, str]:
        """A new token and its secret, which is shown this once and kept only as a hash."""
        return cls.objects.create(user=membership.user, membership=membership)
