"""Emails to customers in the back office: content, recipient, delivery errors, and resending failed emails."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import find_account_ids, get_ids
from accounts.admin.decisions import Decision, DecisionForm, RecordAdmin
from accounts.models import Account
from accounts.notices import not_failed_message, resend_email
from emails.kinds import get_kind_label
from emails.models import Notice
from emails.rendering import render_email

SEND_AGAIN = Decision(
    name="send-again",
    label=_("Resend"),
    permission="emails.send_notice_again",
    template="admin/emails/notice/_send_again.html",
    form=DecisionForm,
    make=lambda notice, by, given: resend_email(notice=notice, by=by),
    done=_("%(object)s will be sent within a minute."),
    open_to=lambda notice: notice.state == Notice.State.FAILED,
)


@admin.register(Notice)
class NoticeAdmin(RecordAdmin):
    record_template = "admin/emails/notice/record.html"
    decisions = (SEND_AGAIN,)
    list_display = ["kind_label", "recipient", "reference", "state", "created_at", "sent_or_next_try", "attempts"]
    list_filter = ["state"]
    sortable_by = ()
    search_fields = ["reference", "user__username"]
    search_help_text = _(
        "Complete account number or recipient's user name, or part of a current or former name of the account"
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("user")

    def search_for(self, term: str) -> Q:
        users = get_ids(get_user_model().objects.filter(username=term))
        numbers = list(Account.objects.filter(pk__in=find_account_ids(term)).values_list("number", flat=True))
        return Q(reference__in=numbers) | Q(user__in=users)

    def title_of(self, row: Any) -> str:
        return str(_("Email %(id)d") % {"id": row.pk})

    def state_of(self, row: Any) -> str:
        return f"{row.state} {row.attempts} {row.recipient_address}"

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"kind_label": get_kind_label(row), "email": _render_or_none(row), "account": _find_account(row)}

    def decision_context(self, request: HttpRequest, row: Any, decision: Decision) -> dict[str, Any]:
        return {"account": _find_account(row)}

    def closed_because(self, row: Any) -> str:
        return not_failed_message()

    @admin.display(description=_("kind"))
    def kind_label(self, row: Any) -> str:
        return get_kind_label(row)

    @admin.display(description=_("recipient"))
    def recipient(self, row: Any) -> str:
        return str(row.user or row.address)

    @admin.display(description=_("sent or next attempt"))
    def sent_or_next_try(self, row: Any) -> Any:
        return row.due_at if row.state == Notice.State.PENDING else row.sent_at


def _find_account(notice: Notice) -> Account | None:
    """Return the account that the email is about; None for emails about a person's sign-in."""
    return Account.objects.filter(number=notice.reference).first() if notice.reference else None


def _render_or_none(notice: Notice) -> EmailMultiAlternatives | None:
    """Render the email; None if a fact is missing."""
    try:
        return render_email(notice, address=notice.recipient_address)
    except (KeyError, ValueError):
        return None
