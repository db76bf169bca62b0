"""Pages to list, create and revoke API tokens (R26)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.actors import actor_of
from accounts.access.member_page import member_page
from accounts.access.tokens import SHOWN_CHARS, create_token, get_visible_tokens, revoke_token
from accounts.forms import TokenForm
from accounts.models import Membership


@require_safe
@member_page
def token_list(request: HttpRequest, membership: Membership) -> HttpResponse:
    context = {
        "tokens": get_visible_tokens(membership),
        "all_of_account": membership.role == Membership.Role.OWNER,
        "api": request.build_absolute_uri("/api/v1/"),
    }
    return render(request, "accounts/tokens.html", context)


@require_http_methods(["GET", "POST"])
@member_page
def create(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Create a token and show its secret once, directly in the response. `member_page` forbids caching it."""
    actor = actor_of(membership, "page")
    actor.require_to_act()
    form = TokenForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "accounts/token_create.html", {"form": form}, status=400 if form.is_bound else 200)
    token, secret = create_token(**form.service_arguments(), by=actor)
    context = {"token": token, "secret": secret, "api": request.build_absolute_uri("/api/v1/")}
    return render(request, "accounts/token_created.html", context)


@require_http_methods(["GET", "POST"])
@member_page
def revoke(request: HttpRequest, membership: Membership, key: str) -> HttpResponse:
    """Ask for confirmation; when posted, revoke the token. `key`: its first characters (`token_key`)."""
    actor = actor_of(membership, "page")
    actor.require_to_act()
    if request.method == "POST":
        revoke_token(key=key, by=actor)
        messages.success(request, _("Token %(key)s… was revoked.") % {"key": key[:SHOWN_CHARS]})
        return redirect("account-tokens")
    token = get_visible_tokens(membership).filter(token_key=key).first()
    if token is None:
        raise Http404
    return render(request, "accounts/token_revoke.html", {"token": token})
