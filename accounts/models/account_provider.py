from django.db import models

from accounts.models.account import Account, Membership


class AccountProvider(models.Model):
    """A customer's own OpenID Connect provider, set by `manage.py set_account_provider`."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="provider")
    issuer = models.CharField(max_length=255)
    client_id = models.CharField(max_length=255)
    client_secret = models.CharField(max_length=1000)
    """Encrypted by accounts/sign_in/adapters.py."""
    domain = models.CharField(max_length=253, unique=True)
    """Of the email addresses that it vouches for, in lower case."""
    default_role = models.CharField(max_length=16, choices=Membership.Role)
    """Of members that a first sign-in creates."""

    class Meta:
        verbose_name = "sign-in provider of an account"
        verbose_name_plural = "sign-in providers of accounts"

    def __str__(self) -> str:
        return f"{self.domain} at {self.issuer}"
