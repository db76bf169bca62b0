"""Page with Party A's details: shown to all members, changed by those who may act (R12)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access.actors import actor_of
from accounts.access.member_page import member_page
from accounts.forms import PartyDetailsForm, label_details
from accounts.models import Account, Membership
from accounts.party_details import store_party_details
from common.errors import Refused
from common.forms import place_faults


@require_http_methods(["GET", "POST"])
@member_page
def details(request: HttpRequest, membership: Membership) -> HttpResponse:
    account = Account.objects.select_related("profile").get(pk=membership.account.pk)
    profile = getattr(account, "profile", None)
    stored = profile.details() if profile else {}
    form = PartyDetailsForm(request.POST if request.method == "POST" else None, initial=stored)
    if request.method == "POST":
        actor = actor_of(membership, "page")
        actor.require_to_act()
        if form.is_valid():
            try:
                store_party_details(details=form.details(), by=actor)
            except Refused as refused:
                place_faults(form, refused.faults)
            else:
                messages.success(request, _("Details saved. They will prefill your next contract."))
                return redirect("account-details")
    context = {"account": account, "form": form, "details": label_details(stored) if stored else []}
    return render(request, "accounts/details.html", context, status=400 if form.errors else 200)
