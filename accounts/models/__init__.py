"""Accounts, members and their access, certification, and the parties of a contract."""

from accounts.models.account import Account, DocumentLanguage, Membership, TestAccounts, select_test
from accounts.models.account_provider import AccountProvider
from accounts.models.certification import CertificationRequest
from accounts.models.idempotent_request import IdempotentRequest
from accounts.models.identity import Identity
from accounts.models.invitation import Invitation
from accounts.models.parties import Issuer, PartyProfile
from accounts.models.password_link_request import PasswordLinkRequest
from accounts.models.proposal import Proposal
from accounts.models.saved_filter import SavedFilter
from accounts.models.security_event import SecurityEvent
from accounts.models.token import ApiToken
from accounts.models.user_session import UserSession

__all__ = [
    "Account",
    "AccountProvider",
    "ApiToken",
    "CertificationRequest",
    "DocumentLanguage",
    "IdempotentRequest",
    "Identity",
    "Invitation",
    "Issuer",
    "Membership",
    "PartyProfile",
    "PasswordLinkRequest",
    "Proposal",
    "SavedFilter",
    "SecurityEvent",
    "TestAccounts",
    "UserSession",
    "select_test",
]
