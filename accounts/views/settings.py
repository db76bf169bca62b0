"""Page with the account settings: shown to all members, changed by owners."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access.actors import actor_of
from accounts.access.member_page import member_page
from accounts.forms import SettingsForm
from accounts.models import Membership
from accounts.settings import change_document_language, require_owner


@require_http_methods(["GET", "POST"])
@member_page
def account_settings(request: HttpRequest, membership: Membership) -> HttpResponse:
    initial = {"document_language": membership.account.document_language}
    form = SettingsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST":
        actor = actor_of(membership, "page")
        require_owner(actor)
        if form.is_valid():
            change_document_language(language=form.cleaned_data["document_language"], by=actor)
            messages.success(request, _("Settings saved."))
            return redirect("account-settings")
    context = {"form": form, "is_owner": membership.role == Membership.Role.OWNER}
    return render(request, "accounts/settings.html", context, status=400 if form.errors else 200)
