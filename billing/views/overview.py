"""Overview page of the account."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access.member_page import member_page
from accounts.certification.requests import find_certification_problem
from accounts.forms import label_details
from accounts.models import Account, CertificationRequest, Issuer, Membership
from billing.ledger import get_balance
from billing.remittance_accounts import get_remittance_details


@require_safe
@member_page
def account_page(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show certification, balance, contract details and members."""
    account = Account.objects.select_related("profile", "remittance_account").get(pk=membership.account.pk)
    issuer = Issuer.objects.in_force()
    profile = getattr(account, "profile", None)
    context = {
        "account": account,
        "balance": get_balance(account),
        "certification_problem": find_certification_problem(account),
        "waiting": account.certification_requests.filter(status=CertificationRequest.Status.PENDING).exists(),
        "details": label_details(profile.details()) if profile else [],
        "remittance": get_remittance_details(account, issuer) if issuer else None,
        "members": account.memberships.select_related("user"),
        "accounts": request.user.memberships.select_related("account"),  # type: ignore[union-attr, misc]
    }
    return render(request, "accounts/account.html", context)
