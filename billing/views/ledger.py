"""The account's money: the balance and every movement of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access.member_page import member_page
from accounts.models import Account, Issuer, Membership
from billing.ledger import balance_of, ledger_page
from billing.remittance_accounts import remittance_of

PAGE_SIZE = 50


@require_safe
@member_page
def ledger(request: HttpRequest, membership: Membership) -> HttpResponse:
    account = Account.objects.select_related("remittance_account").get(pk=membership.account.pk)
    issuer = Issuer.objects.in_force()
    balance = balance_of(account)
    context = {
        "account": account,
        "balance": balance,
        "page": ledger_page(account, request.GET.get("page"), balance=balance, size=PAGE_SIZE),
        "remittance": remittance_of(account, issuer) if issuer else None,
    }
    return render(request, "billing/ledger.html", context)
