"""Page with the account's balance and ledger."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access.member_page import member_page
from accounts.models import Account, Issuer, Membership
from billing.exporting import LEDGER
from billing.ledger import get_balance, get_ledger_page
from billing.remittance_accounts import get_remittance_details
from exports.asking import export_response

PAGE_SIZE = 50


@require_safe
@member_page
def ledger(request: HttpRequest, membership: Membership) -> HttpResponse:
    account = Account.objects.select_related("remittance_account").get(pk=membership.account.pk)
    issuer = Issuer.objects.in_force()
    balance = get_balance(account)
    context = {
        "account": account,
        "balance": balance,
        "page": get_ledger_page(account, request.GET.get("page"), balance=balance, size=PAGE_SIZE),
        "remittance": get_remittance_details(account, issuer) if issuer else None,
    }
    return render(request, "billing/ledger.html", context)


@require_safe
@member_page
def export_ledger(request: HttpRequest, membership: Membership) -> HttpResponseBase:
    return export_response(LEDGER, membership, {}, request.GET.get("format", "xlsx"))
