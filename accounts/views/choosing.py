"""Switch between accounts, for members of several."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access.member_page import ACCOUNT_SESSION_KEY
from accounts.models import Membership
from common.previous_page import get_return_url


@require_POST
@login_required
def choose_account(request: HttpRequest) -> HttpResponse:
    """Switch to another account of the user, and redirect to `next` or the account page.

    Does not use `member_page`, which would refuse a form that names another account (R47).
    """
    memberships = Membership.objects.select_related("account").filter(user=request.user.pk)
    chosen = get_object_or_404(memberships, account__number=request.POST.get("account", ""))
    request.session[ACCOUNT_SESSION_KEY] = chosen.account.number
    messages.success(request, _("You now act for account %(number)s.") % {"number": chosen.account.number})
    return redirect(get_return_url(request, url) if (url := request.POST.get("next")) else "account")
