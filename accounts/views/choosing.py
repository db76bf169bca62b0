"""Which account a member of several acts for."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access.member_page import ACCOUNT_IN_SESSION
from accounts.models import Membership
from common.previous_page import way_back


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
