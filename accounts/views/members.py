"""Pages to list, change and remove the members of an account (R26, R49)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.actors import actor_of
from accounts.access.member_page import member_page
from accounts.forms import MemberForm
from accounts.members import change_member, remove_member
from accounts.models import Invitation, Membership
from accounts.settings import require_owner
from common.errors import Refused


@require_safe
@member_page
def member_list(request: HttpRequest, membership: Membership) -> HttpResponse:
    context = {
        "members": membership.account.memberships.select_related("user").order_by("pk"),
        "invitations": membership.account.invitations.filter(status=Invitation.Status.OPEN),
        "is_owner": membership.role == Membership.Role.OWNER,
    }
    return render(request, "accounts/members.html", context)


@require_http_methods(["GET", "POST"])
@member_page
def change(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    """Show a member's role and rights to owners; when posted, change them."""
    actor = actor_of(membership, "page")
    require_owner(actor)
    member = get_object_or_404(membership.account.memberships.select_related("user"), pk=pk)
    initial = {"role": member.role, "is_approver": member.is_approver}
    form = MemberForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            change_member(member=member, **form.cleaned_data, by=actor)
        except Refused as refused:
            form.add_error(None, refused.detail)
        else:
            messages.success(request, _("The role of %(name)s was saved.") % {"name": member.user.get_username()})
            return redirect("account-members")
    context = {"form": form, "member": member}
    return render(request, "accounts/member.html", context, status=409 if form.non_field_errors() else 200)


@require_http_methods(["GET", "POST"])
@member_page
def remove(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    """Ask for confirmation; when posted, remove the member."""
    actor = actor_of(membership, "page")
    require_owner(actor)
    member = get_object_or_404(membership.account.memberships.select_related("user"), pk=pk)
    refused = None
    if request.method == "POST":
        try:
            remove_member(member=member, by=actor)
        except Refused as error:
            refused = error
        else:
            messages.success(request, _("%(name)s is no longer a member.") % {"name": member.user.get_username()})
            return redirect("account" if member.user_id == membership.user_id else "account-members")
    context = {"member": member, "refused": refused}
    return render(request, "accounts/member_remove.html", context, status=refused.status if refused else 200)
