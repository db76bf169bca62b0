"""Pages to change one's own email address (R50)."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms import EmailAddressForm
from accounts.sign_in.email_change import confirm_email_change, get_requested_address, request_email_change
from accounts.views.security import recent_sign_in
from common.errors import Refused
from common.forms import place_faults


@require_http_methods(["GET", "POST"])
@recent_sign_in
def request_change(request: HttpRequest, user: User) -> HttpResponse:
    """Ask for the new address; when posted, send a link to it."""
    posted = request.POST if request.method == "POST" else None
    form = EmailAddressForm(posted, label=_("New email address"), help_text=_("We will send a link to it."))
    status, faults = 400 if form.is_bound else 200, []
    if form.is_valid():
        email = form.cleaned_data["email"]
        try:
            request_email_change(user=user, email=email)
        except Refused as refused:
            status, faults = refused.status, place_faults(form, refused.faults)
        else:
            messages.success(request, _("A link was sent to %(email)s. It works for one hour.") % {"email": email})
            return redirect("account-security")
    context = {"form": form, "faults": faults}
    return render(request, "accounts/security/email_change.html", context, status=status)


@require_http_methods(["GET", "POST"])
@recent_sign_in
def confirm(request: HttpRequest, user: User, token: str) -> HttpResponse:
    """Show the address that the link was sent to; when posted, change to it."""
    if request.method == "POST":
        email = confirm_email_change(user=user, token=token)
        messages.success(request, _("Your email address is now %(email)s.") % {"email": email})
        return redirect("account-security")
    context = {"email": get_requested_address(user=user, token=token)}
    return render(request, "accounts/security/email_confirm.html", context)
