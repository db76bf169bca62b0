"""Who the parties are, the money between them, and what we write to them."""

from billing.models.account import Account, DocumentLanguage, Membership, validate_time_zone
from billing.models.certification import CertificationRequest
from billing.models.clock import ClockRun
from billing.models.fields import MoneyField, SumOfMoney
from billing.models.hold import SendingHold
from billing.models.link_request import PasswordLinkRequest
from billing.models.money import LedgerEntry
from billing.models.notice import Notice
from billing.models.parties import Issuer, PartyProfile, RemittanceAccount
from billing.models.security_event import SecurityEvent
from billing.models.token import ApiToken
from billing.models.version import UNCHANGEABLE, Version, VersionQuerySet
from billing.models.webhook import WebhookAttempt, WebhookDelivery, WebhookEndpoint

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
