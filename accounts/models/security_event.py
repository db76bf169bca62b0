from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SecurityEvent(models.Model):
    """An entry of the security log: who changed or used an access, and from which IP address.

    A person's events are erased with the person, and all are deleted after 180 days (docs/privacy.md). `detail`
    contains ids, codes and role names, never names of people or text they typed.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", _("Signed in")
        SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
        SIGNED_OUT = "signed_out", _("Signed out")
        SESSION_ENDED = "session_ended", _("Session ended from elsewhere")
        PASSWORD_CHANGED = "password_changed", _("Password changed")
        EMAIL_CHANGED = "email_changed", _("Email address changed")
        FACTOR_ADDED = "factor_added", _("Second factor added")
        FACTOR_REMOVED = "factor_removed", _("Second factor removed")
        FACTORS_RESET = "factors_reset", _("Second factors reset")
        FACTOR_FAILED = "factor_failed", _("Second step failed")
        FACTOR_REQUIREMENT_CHANGED = "factor_requirement_changed", _("Second factor requirement changed")
        PROVIDER_CHANGED = "provider_changed", _("Sign-in provider changed")
        TOKEN_CREATED = "token_created", _("API token created")
        TOKEN_REVOKED = "token_revoked", _("API token revoked")
        ROLE_CHANGED = "role_changed", _("Role or permission changed")
        APPROVAL_CHANGED = "approval_changed", _("Approval setting changed")
        SCAN_READ = "scan_read", _("Identity scan read")
        EXPORTED = "exported", _("Data exported")
        MEMBER_INVITED = "member_invited", _("Member invited")
        INVITATION_RESENT = "invitation_resent", _("Invitation resent")
        INVITATION_WITHDRAWN = "invitation_withdrawn", _("Invitation withdrawn")
        INVITATION_ACCEPTED = "invitation_accepted", _("Invitation accepted")
        ACCOUNT_WRITTEN = "account_written", _("Account created or changed by an integrator")
        FOUR_EYES = "four_eyes", _("Act proposed, confirmed or rejected")
        RECORDS_READ = "records_read", _("Records read by an integrator")
        WEBHOOK_CHANGED = "webhook_changed", _("Webhook endpoint changed or events resent")
        DELIVERY_CHANGED = "delivery_changed", _("Delivery by email changed")
        TEST_MARK_CHANGED = "test_mark_changed", _("Account made a test account, or no longer one")

    kind = models.CharField(_("kind"), max_length=32, choices=Kind)
    at = models.DateTimeField(_("time"), default=timezone.now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="+",
        verbose_name=_("user"),
        help_text=_("The acting user, or the user whose name was used. Empty for unknown names and for commands."),
    )
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("about"),
        help_text=_("The person whose role, password, token or data is concerned, if different from the user."),
    )
    address = models.GenericIPAddressField(_("address"), null=True)
    detail = models.CharField(_("detail"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security log")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["at"], name="security_event_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
