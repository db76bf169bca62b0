from collections.abc import Iterable
from datetime import timedelta
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken

from accounts.integrator_scopes import INTEGRATOR_SCOPES
from accounts.models.account import Membership


class ApiToken(AbstractAuthToken):
    """An API token, stored as a hash. It acts for one member of one account, or for an integrator (R26)."""

    class Scope(models.TextChoices):
        READ = "read", _("Read only")
        APPLY = "apply", _("Read and act")
        INTEGRATE = "integrate", _("Records of all accounts")

    membership = models.ForeignKey(Membership, models.CASCADE, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=60, blank=True)
    scope = models.CharField(_("scope"), max_length=16, choices=Scope, default=Scope.APPLY)
    scopes = models.CharField(
        _("integrator scopes"),
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text=_("Separated by spaces, such as “accounts orders”. Empty for members."),
    )
    last_used_at = models.DateTimeField(_("last used"), null=True, help_text=_("To the minute."))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope__in=("read", "apply"), membership__isnull=False, scopes="")
                | models.Q(scope="integrate", membership=None) & ~models.Q(scopes=""),
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
        cls,
        user: models.Model,
        *,
        scopes: Iterable[str] | None = None,
        name: str = "",
        expires_in: timedelta | None = None,
    ) -> tuple[Self, str]:
        """Create a token for an integrator (R26), as `for_member` does.

        `scopes`: names in INTEGRATOR_SCOPES, None for all. A scope has no effect without its permission.
        """
        text = " ".join(sorted(INTEGRATOR_SCOPES if scopes is None else set(scopes)))
        return cls.objects.create(user=user, name=name, scope=cls.Scope.INTEGRATE, scopes=text, expiry=expires_in)
