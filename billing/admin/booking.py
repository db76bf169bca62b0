"""Pages that book money received, by form or by bank statement; each shows first what it would do."""

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
from accounts.admin.base import change, changelist
from accounts.admin.decisions import STALE
from billing.bank_statement_csv import LARGEST_STATEMENT, MOST_LINES
from billing.bank_statements import Statement, book_statement, read_statement
from billing.ledger import balance_of
from billing.models import LedgerEntry
from billing.remittance_accounts import account_named
from billing.remittances import LONGEST_REFERENCE, book_remittance, remittance_to_book
from common.errors import Fault, Refused
from common.forms import DayInput, place_faults
from common.money import format_amount

MAY_BOOK = "billing.book_remittance"
LONGEST_NOTE = LedgerEntry._meta.get_field("note").max_length
BOOK, STATEMENT = _("Book a remittance"), _("Book a bank statement")
CODE = {"class": "code", "autocomplete": "off", "spellcheck": "false"}


class RemittanceForm(forms.Form):
    """What the bank says of one transfer."""

    account = forms.CharField(
        label=_("Account"),
        max_length=64,
        widget=forms.TextInput(CODE),
        help_text=_("Account number, or exclusive remittance account number, whole."),
    )
    amount = forms.DecimalField(
        label=_("Amount"),
        max_digits=30,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("Digits, and a point before the decimals: 1234.50"),
    )
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        widget=forms.TextInput({**CODE, "size": 3}),
        help_text=_("As the bank received it: CNY"),
    )
    bank_reference = forms.CharField(
        label=_("Bank reference"),
        max_length=LONGEST_REFERENCE,
        widget=forms.TextInput(CODE),
        help_text=_("The bank's own number of the transfer. Each is booked once."),
    )
    received_on = forms.DateField(label=_("Received on"), required=False, widget=DayInput)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("The customer reads it in the ledger."),
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
    """The two pages beside the ledger's list; for those who may book, and nobody else."""

    change_list_template = "admin/billing/ledgerentry/change_list.html"

    def may_book(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MAY_BOOK) and self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        return [
            path("book/", self._for_bookers(self.book_page), name="billing_ledgerentry_book"),
            path("statement/", self._for_bookers(self.statement_page), name="billing_ledgerentry_statement"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"may_book": self.may_book(request), **(extra_context or {})})

    def book_page(self, request: HttpRequest) -> HttpResponse:
        """The form; then what it would book, to be looked at; then the entry."""
        form = RemittanceForm(request.POST if request.method == "POST" else None)
        if not form.is_bound or "edit" in request.POST:
            return self._ask_for_remittance(request, form)
        if not form.is_valid():
            return self._ask_for_remittance(request, form, status=400)
        try:
            return self._book(request, form)
        except Refused as refused:
            faults = place_faults(form, refused.faults)
            return self._ask_for_remittance(request, form, faults=faults, status=refused.status)

    def _book(self, request: HttpRequest, form: RemittanceForm) -> HttpResponse:
        given = dict(form.cleaned_data)
        account = account_named(given.pop("account"))
        seen = f"{account.pk} {account} {account.currency}"
        if "seen" not in request.POST:
            balance = balance_of(account)
            context = {
                "form": form,
                "entry": remittance_to_book(account=account, **given),
                "seen": seen,
                "balance": balance,
                "balance_after": balance + given["amount"],
            }
            return self._render(request, "book_check", BOOK, context)
        if request.POST["seen"] != seen:
            raise Refused("transition_not_allowed", str(STALE))
        entry = book_remittance(account=account, by=_staff(request), **given)
        facts = {"amount": format_amount(entry.amount, account.currency), "account": account.number}
        messages.success(request, _("%(amount)s is booked to account %(account)s.") % facts)
        return redirect(change(LedgerEntry), entry.pk)

    def _ask_for_remittance(
        self, request: HttpRequest, form: RemittanceForm, *, faults: Sequence[Fault] = (), status: int = 200
    ) -> HttpResponse:
        return self._render(request, "book", BOOK, {"form": form, "faults": faults}, status=status)

    def statement_page(self, request: HttpRequest) -> HttpResponse:
        """The file; then each of its lines and what would become of it; then the entries."""
        if request.method != "POST":
            return self._ask_for_statement(request, StatementForm())
        if "statement" in request.POST:
            content = _decoded(request.POST["statement"])
        else:
            form = StatementForm(request.POST, request.FILES)
            if not form.is_valid():
                return self._ask_for_statement(request, form, status=400)
            content = form.cleaned_data["file"].read(LARGEST_STATEMENT + 1)
        refused = None
        try:
            if "seen" in request.POST:
                return self._book_statement(request, content)
        except Refused as error:
            refused = error
        try:
            statement = read_statement(content)
        except Refused as unreadable:
            return self._ask_for_statement(request, StatementForm(), unreadable=unreadable, status=unreadable.status)
        context = {"statement": statement, "content": b64encode(content).decode(), "refused": refused}
        return self._render(request, "plan", STATEMENT, context, status=refused.status if refused else 200)

    def _book_statement(self, request: HttpRequest, content: bytes) -> HttpResponse:
        booked = book_statement(
            content=content,
            seen=request.POST["seen"],
            without_faults="without_faults" in request.POST,
            by=_staff(request),
        )
        count = len(booked.transfers)
        said = ngettext(
            "%(count)d remittance was booked: %(sums)s.", "%(count)d remittances were booked: %(sums)s.", count
        )
        messages.success(request, said % {"count": count, "sums": _sums(booked)})
        return redirect(changelist(LedgerEntry))

    def _ask_for_statement(
        self, request: HttpRequest, form: StatementForm, *, unreadable: Refused | None = None, status: int = 200
    ) -> HttpResponse:
        context = {"form": form, "unreadable": unreadable, "most_lines": f"{MOST_LINES:,}"}
        return self._render(request, "statement", STATEMENT, context, status=status)

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
            "list_url": reverse(changelist(LedgerEntry)),
        }
        return render(request, f"admin/billing/ledgerentry/{name}.html", {**page, **context}, status=status)


def _decoded(text: str) -> bytes:
    """The file as the page carried it; what is no Base64 is no file of ours."""
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError):
        return b""


def _sums(statement: Statement) -> str:
    return ", ".join(format_amount(amount, currency) for currency, amount in statement.totals)


def _staff(request: HttpRequest) -> Actor:
    return staff_actor(cast("AbstractUser", request.user), MAY_BOOK)
