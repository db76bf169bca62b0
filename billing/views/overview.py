"""The account at a glance: certification, money, details, members."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access.member_page import member_page
from accounts.certification.requests import certification_problem
from accounts.forms import labelled_details
from accounts.models import Account, CertificationRequest, Issuer, Membership
from billing.ledger import balance_of
from billing.remittance_accounts import remittance_of


@require_safe
@member_page
def account_page(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Certification, money, the details kept for contracts, and who else belongs to the account."""
    account = Account.objects.select_related("profile", "remittance_account").get(pk=membership.account.pk)
    issuer = Issuer.objects.in_force()
    profile = getattr(account, "profile", None)
    context = {
        "account": account,
        "balance": balance_of(account),
        "certification_problem": certification_problem(account),
        "waiting": account.certification_requests.filter(status=CertificationRequest.Status.PENDING).exists(),
        "details": labelled_details(profile.details()) if profile else [],
        "remittance": remittance_of(account, issuer) if issuer else None,
        "members": account.memberships.select_related("user"),
        "accounts": request.user.memberships.select_related("account"),  # type: ignore[union-attr, misc]
    }
    return render(request, "accounts/account.html", context)
