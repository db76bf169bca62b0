from datetime import timedelta
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken

from accounts.models.account import Membership


class ApiToken(AbstractAuthToken):
    """An API token, stored as a hash. It acts for one member of one account, or for an integrator (R26)."""

    class Scope(models.TextChoices):
        READ = "read", _("Read only")
        APPLY = "apply", _("Read and act")
        INTEGRATE = "integrate", _("Orders of all accounts")

    membership = models.ForeignKey(Membership, models.CASCADE, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=60, blank=True)
    scope = models.CharField(_("scope"), max_length=16, choices=Scope, default=Scope.APPLY)
    last_used_at = models.DateTimeField(_("last used"), null=True, help_text=_("To the minute."))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope__in=("read", "apply"), membership__isnull=False)
                | models.Q(scope="integrate", membership=None),
                name="token_scope_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.token_key}…"

    @classmethod
    def for_member(
        cls,
        membership: Membership,
        *,
        name: str = "",
        scope: str = Scope.APPLY,
        expires_in: timedelta | None = None,
    ) -> tuple[Self, str]:
        """Create a token; return it and its secret, of which only the hash is stored."""
        return cls.objects.create(
            user=membership.user, membership=membership, name=name, scope=scope, expiry=expires_in
        )

    @classmethod
    def for_integrator(
        cls, user: models.Model, *, name: str = "", expires_in: timedelta | None = None
    ) -> tuple[Self, str]:
        """Create a token for an integrator (R26), as `for_member` does."""
        return cls.objects.create(user=user, name=name, scope=cls.Scope.INTEGRATE, expiry=expires_in)
