"""The account at a glance, and which account a member of several acts for."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.certification.requests import require_certified_name
from common.errors import Refused
from accounts.forms import PartyDetailsForm
from accounts.access.member_page import ACCOUNT_IN_SESSION, member_page
from accounts.models import Account, CertificationRequest, Issuer, Membership
from billing.remittance_accounts import remittance_of
from common.previous_page import way_back


@require_safe
@member_page
def account_page(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Certification, money, the details kept for contracts, and who else belongs to the account."""
    account = Account.objects.select_related("profile", "remittance_account").get(pk=membership.account.pk)
    issuer = Issuer.objects.in_force()
    profile = getattr(account, "profile", None)
    context = {
        "account": account,
        "certification_problem": certification_problem(account),
        "waiting": account.certification_requests.filter(status=CertificationRequest.Status.PENDING).exists(),
        "details": labelled(profile.details()) if profile else [],
        "remittance": remittance_of(account, issuer) if issuer else None,
        "members": account.memberships.select_related("user"),
        "accounts": request.user.memberships.select_related("account"),  # type: ignore[union-attr, misc]
    }
    return render(request, "billing/account.html", context)


@require_POST
@login_required
def choose_account(request: HttpRequest) -> HttpResponse:
    """A member of several accounts goes on in another of them, at `next` or on the account page.

    No `member_page`: the form itself names the account, whichever the session is at (R47).
    """
    own = Membership.objects.select_related("account").filter(user=request.user.pk)
    chosen = get_object_or_404(own, account__number=request.POST.get("account", ""))
    request.session[ACCOUNT_IN_SESSION] = chosen.account.number
    messages.success(request, _("You now act for account %(number)s.") % {"number": chosen.account.number})
    return redirect(way_back(request, asked) if (asked := request.POST.get("next")) else "account")


def certification_problem(account: Account) -> str:
    """Why the account cannot apply for contracts, in a sentence; empty when it can (R11)."""
    try:
        require_certified_name(account)
    except Refused as refused:
        return refused.detail
    return ""


def labelled(details: dict[str, str]) -> list[tuple[str, str]]:
    """The details under the labels that the forms give them."""
    return [(str(field.label), details[name]) for name, field in PartyDetailsForm().fields.items()]
