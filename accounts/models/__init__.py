"""Accounts, members and their access, certification, and the parties of a contract."""

from accounts.models.account import Account, DocumentLanguage, Membership
from accounts.models.certification import CertificationRequest
from accounts.models.idempotent_request import IdempotentRequest
from accounts.models.invitation import Invitation
from accounts.models.parties import Issuer, PartyProfile
from accounts.models.password_link_request import PasswordLinkRequest
from accounts.models.saved_filter import SavedFilter
from accounts.models.security_event import SecurityEvent
from accounts.models.token import ApiToken

__all__ = [
    "Account",
    "ApiToken",
    "CertificationRequest",
    "DocumentLanguage",
    "IdempotentRequest",
    "Invitation",
    "Issuer",
    "Membership",
    "PartyProfile",
    "PasswordLinkRequest",
    "SavedFilter",
    "SecurityEvent",
]
