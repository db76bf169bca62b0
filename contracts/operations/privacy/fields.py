"""Every model field that could hold personal data, and its treatment (docs/privacy.md).

A test fails for new fields until they are classified here.
"""

from enum import StrEnum

from orders.facts import FACTS, Type


class Treatment(StrEnum):
    """How a field's content is treated when a person is erased, and otherwise."""

    ERASED = "erased"
    """Personal: deleted or made anonymous when the person is erased."""
    PASSING = "passing"
    """Personal or possibly so: deleted after a time, and when the person is erased."""
    ACCOUNT = "account"
    """The customer's as a party: kept as long as the account has members."""
    LAW = "law"
    """In contracts, books and their evidence: kept as the law requires."""
    OURS = "ours"
    """Our company's and staff's, as printed in contracts or written by them."""
    NOBODYS = "nobodys"
    """Not personal: codes, states, hashes, amounts, ids."""


E, P, A = Treatment.ERASED, Treatment.PASSING, Treatment.ACCOUNT
L, O, N = Treatment.LAW, Treatment.OURS, Treatment.NOBODYS  # noqa: E741

NUMBERS = (Type.COUNT, Type.AMOUNT, Type.PERCENT)

FIELDS: dict[str, dict[str, Treatment]] = {
    "admin.LogEntry": {"action_time": N, "object_id": N, "object_repr": E, "change_message": O},
    "auth.Group": {"name": O},
    "auth.Permission": {"name": N, "codename": N},
    "auth.User": {
        **dict.fromkeys(("username", "first_name", "last_name", "email", "password", "last_login", "date_joined"), E)
    },
    "account.EmailAddress": {"email": N},  # django-allauth's, as the next: nothing is written there
    "account.EmailConfirmation": dict.fromkeys(("created", "sent", "key"), N),
    "mfa.Authenticator": {**dict.fromkeys(("type", "data", "created_at"), E), "last_used_at": N},
    "axes.AccessAttempt": {
        **dict.fromkeys(("username", "ip_address", "user_agent", "http_accept", "path_info"), P),
        **dict.fromkeys(("get_data", "post_data", "attempt_time"), P),
    },
    "axes.AccessAttemptExpiration": {"expires_at": P},
    "axes.AccessFailureLog": dict.fromkeys(
        ("username", "ip_address", "user_agent", "http_accept", "path_info", "attempt_time"), P
    ),
    "axes.AccessLog": dict.fromkeys(
        (
            *("username", "ip_address", "user_agent", "http_accept", "path_info"),
            *("attempt_time", "logout_time", "session_hash"),
        ),
        P,
    ),
    "accounts.Account": {
        **dict.fromkeys(("number", "certification", "currency", "time_zone", "document_language", "created_at"), N),
        "approval_required_from": N,
        "certified_name": A,
        "credit_code": A,
        "cc_emails": A,
    },
    "accounts.ApiToken": dict.fromkeys(
        ("digest", "token_key", "name", "scope", "scopes", "created", "expiry", "last_used_at"), E
    ),
    "accounts.CertificationRequest": {
        **dict.fromkeys(("kind", "status", "requested_at", "decided_at"), N),
        "name": A,
        "credit_code": L,
        "licence": P,
        "note": L,
    },
    "accounts.AccountProvider": dict.fromkeys(("issuer", "client_id", "client_secret", "domain", "default_role"), N),
    "accounts.Identity": {"issuer": N, "subject": E, "created_at": E},
    "jobs.ClockRun": dict.fromkeys(("job", "succeeded_at", "boot_id", "uptime", "refused_at", "refused_because"), N),
    "jobs.JobState": dict.fromkeys(("job", "succeeded_at", "failing_since", "failed_at", "error"), N),
    "accounts.Issuer": dict.fromkeys(
        (
            *("address", "contact", "phone", "email", "bank", "bank_account", "tax_number"),
            *("legal_representative", "signing_place"),
            *("name", "payee", "payee_bank", "payee_account", "created_at", "published_at"),
        ),
        O,
    ),
    "billing.LedgerEntry": dict.fromkeys(("bank_reference", "received_on", "order_number", "booked_at", "note"), L),
    "accounts.Invitation": {
        "email": P,
        **dict.fromkeys(("id", "role", "status", "link_digest", "invited_at", "sent_at", "expires_at", "ended_at"), N),
    },
    "accounts.Membership": dict.fromkeys(("role", "last_document_language", "decisions_seen_at"), E),
    "emails.Notice": dict.fromkeys(
        ("address", "kind", "reference", "time_zone", "facts", "state", "due_at", "created_at", "sent_at", "error"), P
    ),
    "accounts.PartyProfile": dict.fromkeys(
        (
            *("address", "contact", "phone", "email", "bank", "bank_account", "tax_number"),
            *("legal_representative", "signing_place"),
        ),
        A,
    ),
    "accounts.PasswordLinkRequest": dict.fromkeys(("email", "asked_at"), P),
    "billing.RemittanceAccount": {"payee": O, "bank": O, "account_number": N},
    "accounts.Proposal": {
        **dict.fromkeys(("act", "subject", "status", "state_sha256", "proposed_at", "decided_at"), N),
        **dict.fromkeys(("values", "changes", "note"), L),
    },
    "accounts.SavedFilter": {**dict.fromkeys(("name", "query"), E), "list": N, "created_at": N},
    "accounts.UserSession": dict.fromkeys(("address", "user_agent", "created_at", "last_seen_at"), P),
    "accounts.SecurityEvent": dict.fromkeys(("kind", "at", "address", "detail"), P),
    "jobs.RecoveryRun": dict.fromkeys(("kind", "succeeded_at", "seconds"), N),
    "jobs.SendingHold": {"since": N},
    "exports.Export": {
        **dict.fromkeys(("id", "exporter", "format", "language", "status", "requested_at", "finished_at"), N),
        "parameters": P,
    },
    "webhooks.FeedEvent": dict.fromkeys(("event_id", "type", "body", "created_at"), N),
    "webhooks.FeedState": {},
    "webhooks.WebhookAttempt": {"at": N, "error": N, "answer": P},
    "webhooks.WebhookDelivery": {
        **dict.fromkeys(("event_id", "type", "subject", "state"), N),
        **dict.fromkeys(("due_at", "queued_at", "created_at", "delivered_at"), N),
        "body": P,
    },
    "webhooks.WebhookEndpoint": {
        **dict.fromkeys(("event_types", "scopes", "secret", "retired_secrets", "disabled_because"), N),
        **dict.fromkeys(("created_at", "deleted_at", "failing_since", "resume_at", "flagged_at"), N),
        **dict.fromkeys(("disabled_at", "last_success_at"), N),
        "url": A,
        "description": A,
    },
    "contenttypes.ContentType": {"app_label": N, "model": N},
    "contracts.AuditEvent": dict.fromkeys(("kind", "source", "at", "data", "previous", "hash"), N),
    "contracts.Clause": dict.fromkeys(("heading_en", "text_en", "heading_zh", "text_zh"), O),
    "contracts.ClauseVersion": dict.fromkeys(("type", "created_at", "published_at"), O),
    "contracts.Contract": {
        **dict.fromkeys(("number", "type", "status", "language", "currency", "verification_code", "order_numbers"), N),
        **dict.fromkeys(("applied_at", "official_at", "voided_at", "invalid_at", "valid_from", "valid_until"), N),
        **dict.fromkeys(("expires_at", "reminded_at", "updated_at", "time_zone", "verification_url"), N),
        **dict.fromkeys(("party_a", "party_b", "remittance_account", "remarks", "po_number", "void_reason"), L),
    },
    "contracts.ContractDocument": {**dict.fromkeys(("kind", "created_at", "level"), N), "sha256": L},
    "contracts.ContractOrder": {"snapshot": L, "released_at": N},
    "contracts.ContractSearch": {"text": L},
    "contracts.Delivery": {**dict.fromkeys(("state", "requested_at", "ended_at", "error"), N), "address": E},
    "contracts.EvidenceSignature": dict.fromkeys(("checksums_sha256", "signature", "signed_at"), N),
    "accounts.IdempotentRequest": dict.fromkeys(("key", "fingerprint", "answer", "created_at"), P),
    "contracts.SealCheck": dict.fromkeys(("checked_at", "broken", "warnings", "expires_at"), N),
    "contracts.SealKey": {**dict.fromkeys(("fingerprint", "first_sealed_at"), N), "certificate": O, "subject": O},
    "contracts.SealUse": dict.fromkeys(
        ("at", "purpose", "source", "level", "fingerprint", "content_sha256", "output_sha256"), N
    ),
    "contracts.Batch": {
        **dict.fromkeys(("action", "source", "language", "requested_at", "finished_at"), N),
        "reason": P,
        "drafts": P,
    },
    "contracts.BatchItem": {
        **dict.fromkeys(("outcome", "begun_at", "code", "order_numbers"), N),
        "title": P,
        "detail": P,
    },
    "contracts.Selection": dict.fromkeys(("id", "type", "order_numbers", "typed", "updated_at"), P),
    "contracts.EvidenceStamp": dict.fromkeys(
        ("stamped_at", "root", "sha256", "token_sha256", "ends_at", "renew_at"), N
    ),
    "contracts.TrailAnchor": dict.fromkeys(("place", "failing_since", "error"), N),
    "contracts.TrailSeal": dict.fromkeys(("day", "sealed_at", "previous", "sha256", "root", "signature_sha256"), N),
    "contracts.Approval": {
        **dict.fromkeys(("status", "draft_sha256", "requested_at", "decided_at"), N),
        "message": L,
        "note": L,
    },
    "contracts.VoidTicket": {
        **dict.fromkeys(("status", "opened_at", "decided_at"), N),
        "reason": L,
        "note": L,
    },
    "orders.Order": {
        **dict.fromkeys(("number", "currency", "status"), N),
        **dict.fromkeys(("paid_at", "cancelled_at", "refunded_at", "updated_at"), N),
        **{fact.name: L if fact.personal else N for fact in FACTS if fact.type not in NUMBERS},
    },
    "orders.Product": {"code": N, "name": N},
    "sessions.Session": dict.fromkeys(("session_key", "session_data", "expire_date"), P),
}
"""Model → field → treatment. Numbers, booleans and foreign keys are not listed."""
