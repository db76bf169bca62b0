"""Page with the account settings: shown to all members, changed by owners."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access.actors import actor_of
from accounts.access.member_page import member_page
from accounts.forms import SettingsForm
from accounts.models import Account, Membership, PartyProfile
from accounts.settings import change_settings, require_owner
from common.errors import Refused


@require_http_methods(["GET", "POST"])
@member_page
def account_settings(request: HttpRequest, membership: Membership) -> HttpResponse:
    account = membership.account
    flags = ("po_number_required", "deliver_by_email", "second_factor_required")
    initial = {name: getattr(account, name) for name in ("document_language", *flags)}
    initial |= {
        "approval_from": account.approval_required_from.get(account.currency),
        "cc_emails": "\n".join(account.cc_emails),
    }
    form = SettingsForm(request.POST if request.method == "POST" else None, initial=initial)
    form.fields["approval_from"].label = _("Require approval from (%(currency)s)") % {"currency": account.currency}
    if request.method == "POST":
        actor = actor_of(membership, "page")
        require_owner(actor)
        if form.is_valid():
            try:
                change_settings(**_settings(account, form.cleaned_data), by=actor)
            except Refused as refused:
                form.add_error("approval_from", [fault.detail for fault in refused.faults])
            else:
                messages.success(request, _("Settings saved."))
                return redirect("account-settings")
    profile = PartyProfile.objects.filter(account=account).first()
    context = {
        "form": form,
        "contact_email": profile.email if profile else "",
        "is_owner": membership.role == Membership.Role.OWNER,
    }
    return render(request, "accounts/settings.html", context, status=400 if form.errors else 200)


def _settings(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings as the service takes them. Thresholds in other currencies, set by API, stay."""
    threshold = given.pop("approval_from")
    thresholds = {key: value for key, value in account.approval_required_from.items() if key != account.currency}
    if threshold is not None:
        thresholds[account.currency] = str(threshold)
    return {**given, "approval_required_from": thresholds}
