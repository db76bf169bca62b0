"""Pages that book received money, by form or bank statement, with a preview before booking."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.access.actors import Actor, staff_actor
from accounts.admin.base import change_url_name, changelist_url_name
from accounts.admin.decisions import STALE, redirect_to_proposal
from billing.bank_statement_csv import MAX_STATEMENT_BYTES, MAX_STATEMENT_LINES
from billing.bank_statements import Statement, book_statement, read_statement
from billing.four_eyes import propose_booking
from billing.ledger import get_balance
from billing.models import LedgerEntry
from billing.remittance_accounts import get_account_by_number
from billing.remittances import MAX_REFERENCE_CHARS, book_remittance, build_remittance_entry
from common.errors import Fault, Refused
from common.forms import DayInput, place_faults
from common.money import format_amount

BOOK_PERMISSION = "billing.book_remittance"
MAX_NOTE_CHARS = LedgerEntry._meta.get_field("note").max_length
BOOK_TITLE, STATEMENT_TITLE = _("Book a remittance"), _("Book a bank statement")
CODE_ATTRS = {"class": "code", "autocomplete": "off", "spellcheck": "false"}


class RemittanceForm(forms.Form):
    """One transfer, as reported by the bank."""

    account = forms.CharField(
        label=_("Account"),
        max_length=64,
        widget=forms.TextInput(CODE_ATTRS),
        help_text=_("Complete account number or exclusive remittance account number."),
    )
    amount = forms.DecimalField(
        label=_("Amount"),
        max_digits=30,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("For example 1234.50"),
    )
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        widget=forms.TextInput({**CODE_ATTRS, "size": 3}),
        help_text=_("Currency of the transfer, for example CNY"),
    )
    bank_reference = forms.CharField(
        label=_("Bank reference"),
        max_length=MAX_REFERENCE_CHARS,
        widget=forms.TextInput(CODE_ATTRS),
        help_text=_("The bank's number for this transfer. Each can be booked only once."),
    )
    received_on = forms.DateField(label=_("Received on"), required=False, widget=DayInput)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=MAX_NOTE_CHARS,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Shown to the customer in the ledger."),
    )

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class StatementForm(forms.Form):
    file = forms.FileField(
        label=_("Bank statement"),
        allow_empty_file=True,
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
        error_messages={"required": _("Choose the file.")},
    )


class BookingPages(admin.ModelAdmin):
    """Adds the two booking pages to the ledger's list, for staff with BOOK_PERMISSION."""

    change_list_template = "admin/billing/ledgerentry/change_list.html"

    def may_book(self, request: HttpRequest) -> bool:
        return request.user.has_perm(BOOK_PERMISSION) and self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        return [
            path("book/", self._for_bookers(self.book_page), name="billing_ledgerentry_book"),
            path("statement/", self._for_bookers(self.statement_page), name="billing_ledgerentry_statement"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"may_book": self.may_book(request), **(extra_context or {})})

    def book_page(self, request: HttpRequest) -> HttpResponse:
        """Show the form, then a preview, then book the entry."""
        form = RemittanceForm(request.POST if request.method == "POST" else None)
        if not form.is_bound or "edit" in request.POST:
            return self._render_remittance_form(request, form)
        if not form.is_valid():
            return self._render_remittance_form(request, form, status=400)
        try:
            return self._book(request, form)
        except Refused as refused:
            faults = place_faults(form, refused.faults)
            return self._render_remittance_form(request, form, faults=faults, status=refused.status)

    def _book(self, request: HttpRequest, form: RemittanceForm) -> HttpResponse:
        values = dict(form.cleaned_data)
        account = get_account_by_number(values.pop("account"))
        seen = f"{account.pk} {account} {account.currency}"
        if "seen" not in request.POST:
            balance = get_balance(account)
            context = {
                "form": form,
                "entry": build_remittance_entry(account=account, **values),
                "seen": seen,
                "balance": balance,
                "balance_after": balance + values["amount"],
            }
            return self._render(request, "book_check", BOOK_TITLE, context)
        if request.POST["seen"] != seen:
            raise Refused("transition_not_allowed", str(STALE))
        by = _get_staff_actor(request)
        proposed = build_remittance_entry(account=account, **values)
        if proposal := propose_booking(entry=proposed, currency=values["currency"], by=by):
            return redirect_to_proposal(request, proposal)
        entry = book_remittance(account=account, by=by, **values)
        facts = {"amount": format_amount(entry.amount, account.currency), "account": account.number}
        messages.success(request, _("%(amount)s was booked to account %(account)s.") % facts)
        return redirect(change_url_name(LedgerEntry), entry.pk)

    def _render_remittance_form(
        self, request: HttpRequest, form: RemittanceForm, *, faults: Sequence[Fault] = (), status: int = 200
    ) -> HttpResponse:
        return self._render(request, "book", BOOK_TITLE, {"form": form, "faults": faults}, status=status)

    def statement_page(self, request: HttpRequest) -> HttpResponse:
        """Show the upload form, then a preview of each line, then book the entries."""
        if request.method != "POST":
            return self._render_statement_form(request, StatementForm())
        if "statement" in request.POST:
            content = _decode_statement(request.POST["statement"])
        else:
            form = StatementForm(request.POST, request.FILES)
            if not form.is_valid():
                return self._render_statement_form(request, form, status=400)
            content = form.cleaned_data["file"].read(MAX_STATEMENT_BYTES + 1)
        refused = None
        try:
            if "seen" in request.POST:
                return self._book_statement(request, content)
        except Refused as error:
            refused = error
        try:
            statement = read_statement(content)
        except Refused as unreadable:
            return self._render_statement_form(
                request, StatementForm(), unreadable=unreadable, status=unreadable.status
            )
        context = {"statement": statement, "content": b64encode(content).decode(), "refused": refused}
        return self._render(request, "plan", STATEMENT_TITLE, context, status=refused.status if refused else 200)

    def _book_statement(self, request: HttpRequest, content: bytes) -> HttpResponse:
        booked = book_statement(
            content=content,
            seen=request.POST["seen"],
            without_faults="without_faults" in request.POST,
            by=_get_staff_actor(request),
        )
        count = len(booked.transfers)
        message = ngettext(
            "%(count)d remittance was booked: %(sums)s.", "%(count)d remittances were booked: %(sums)s.", count
        )
        messages.success(request, message % {"count": count, "sums": _format_totals(booked)})
        return redirect(changelist_url_name(LedgerEntry))

    def _render_statement_form(
        self, request: HttpRequest, form: StatementForm, *, unreadable: Refused | None = None, status: int = 200
    ) -> HttpResponse:
        context = {"form": form, "unreadable": unreadable, "max_lines": f"{MAX_STATEMENT_LINES:,}"}
        return self._render(request, "statement", STATEMENT_TITLE, context, status=status)

    def _for_bookers(self, view: Callable[[HttpRequest], HttpResponse]) -> Any:
        def guarded(request: HttpRequest) -> HttpResponse:
            if not self.may_book(request):
                raise PermissionDenied
            return view(request)

        return self.admin_site.admin_view(guarded)

    def _render(
        self, request: HttpRequest, name: str, title: Promise, context: dict[str, Any], *, status: int = 200
    ) -> HttpResponse:
        page = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "list_url": reverse(changelist_url_name(LedgerEntry)),
        }
        return render(request, f"admin/billing/ledgerentry/{name}.html", {**page, **context}, status=status)


def _decode_statement(text: str) -> bytes:
    """Decode the file from the hidden form field; return an empty file if it is not Base64."""
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError):
        return b""


def _format_totals(statement: Statement) -> str:
    return ", ".join(format_amount(amount, currency) for currency, amount in statement.totals)


def _get_staff_actor(request: HttpRequest) -> Actor:
    return staff_actor(cast("AbstractUser", request.user), BOOK_PERMISSION)
