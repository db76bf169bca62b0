"""Export a person's data as JSON-compatible rows by kind."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from accounts.models import (
    ApiToken,
    CertificationRequest,
    IdempotentRequest,
    Identity,
    Invitation,
    Membership,
    Proposal,
    SavedFilter,
    SecurityEvent,
    UserSession,
)
from accounts.sign_in.emails import address_reference
from contracts.models import Approval, AuditEvent, Batch, Delivery, SealUse, Selection, VoidTicket
from emails.models import Notice
from exports.models import Export


def export_person(user: User) -> dict[str, list[dict[str, Any]]]:
    """Return the user's data by kind, with aware times. Password and token hashes are left out.

    Contract data belong to the account, whose members see them in its list.
    """
    mine = {"user": user}
    return {
        "user": _rows(
            User.objects.filter(pk=user.pk),
            *("id", "username", "first_name", "last_name", "email", "last_login", "date_joined"),
            *("is_active", "is_staff"),
        ),
        "memberships": _rows(Membership.objects.filter(**mine), "account__number", "account__certified_name", "role"),
        "invitations": _rows(
            Invitation.objects.filter(email__iexact=user.email or "-"),
            *("account__number", "role", "status", "invited_at", "expires_at", "ended_at"),
        ),
        "tokens": _rows(
            ApiToken.objects.filter(**mine), "name", "scope", "scopes", "created", "expiry", "last_used_at"
        ),
        "identities": _rows(Identity.objects.filter(**mine), "issuer", "subject", "created_at"),
        "second_factors": _rows(Authenticator.objects.filter(user_id=user.pk), "type", "created_at"),
        "sessions": _rows(UserSession.objects.filter(**mine), "address", "user_agent", "created_at", "last_seen_at"),
        "emails": _rows(
            Notice.objects.filter(Q(user=user) | Q(user=None, reference=address_reference(user))),
            *("address", "kind", "reference", "facts", "state", "created_at", "sent_at"),
        ),
        "deliveries": _rows(
            Delivery.objects.filter(address__iexact=user.email or "-"),
            *("contract__number", "address", "state", "requested_at", "ended_at"),
        ),
        "certification_requests": _rows(
            CertificationRequest.objects.filter(requested_by=user),
            *("account__number", "kind", "name", "credit_code", "licence", "status", "note", "requested_at"),
        ),
        "approvals_requested": _rows(
            Approval.objects.filter(requested_by=user), "contract__number", "message", "status", "requested_at"
        ),
        "approvals_decided": _rows(
            Approval.objects.filter(decided_by=user), "contract__number", "note", "status", "decided_at"
        ),
        "proposals": _rows(
            Proposal.objects.filter(proposed_by=user), "act", "subject", "changes", "status", "proposed_at"
        ),
        "proposals_decided": _rows(
            Proposal.objects.filter(decided_by=user), "act", "subject", "note", "status", "decided_at"
        ),
        "void_tickets": _rows(
            VoidTicket.objects.filter(opened_by=user), "contract__number", "reason", "note", "status", "opened_at"
        ),
        "exports": _rows(Export.objects.filter(**mine), "exporter", "parameters", "requested_at"),
        "batches": _rows(Batch.objects.filter(requested_by=user), "action", "reason", "requested_at"),
        "saved_filters": _rows(SavedFilter.objects.filter(**mine), "list", "name", "query", "created_at"),
        "selections": _rows(Selection.objects.filter(**mine), "type", "order_numbers", "updated_at"),
        "idempotent_requests": _rows(IdempotentRequest.objects.filter(token__user=user), "key", "answer", "created_at"),
        "security_events": _rows(SecurityEvent.objects.filter(**mine), "kind", "at", "address", "detail"),
        "back_office": _rows(LogEntry.objects.filter(**mine), "action_time", "object_repr", "change_message"),
        "audit_events": _rows(AuditEvent.objects.filter(actor_id=user.pk), "contract__number", "kind", "source", "at"),
        "seal_uses": _rows(SealUse.objects.filter(actor_id=user.pk), "contract__number", "purpose", "source", "at"),
    }


def _rows(rows: QuerySet[Any], *fields: str) -> list[dict[str, Any]]:
    return [
        {name.replace("__", "_"): value for name, value in row.items()} for row in rows.order_by("pk").values(*fields)
    ]
