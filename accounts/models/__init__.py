"""Who the parties are, the money between them, and what we write to them."""

from accounts.models.account import Account, DocumentLanguage, Membership, validate_time_zone
from accounts.models.certification import CertificationRequest
from jobs.models.clock_run import ClockRun
from common.money_fields import MoneyField, SumOfMoney
from jobs.models.sending_hold import SendingHold
from accounts.models.password_link_request import PasswordLinkRequest
from billing.models import LedgerEntry
from emails.models import Notice
from accounts.models.parties import Issuer, PartyProfile, RemittanceAccount
from accounts.models.security_event import SecurityEvent
from accounts.models.token import ApiToken
from common.versions import UNCHANGEABLE, Version, VersionQuerySet
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

__all__ = [
    "UNCHANGEABLE",
    "Account",
    "ApiToken",
    "CertificationRequest",
    "ClockRun",
    "DocumentLanguage",
    "Issuer",
    "LedgerEntry",
    "Membership",
    "MoneyField",
    "Notice",
    "PartyProfile",
    "PasswordLinkRequest",
    "RemittanceAccount",
    "SecurityEvent",
    "SendingHold",
    "SumOfMoney",
    "Version",
    "VersionQuerySet",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "validate_time_zone",
]
