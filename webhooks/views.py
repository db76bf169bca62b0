"""Pages for webhook endpoints: list, create, edit, test, rotate the secret and delete."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.actors import actor_of
from accounts.access.member_page import member_page
from accounts.models import Membership
from common.errors import Fault, Refused
from common.forms import place_faults
from webhooks import endpoints
from webhooks.forms import WebhookForm
from webhooks.health import find_health
from webhooks.models import WebhookEndpoint


@require_safe
@member_page
def endpoint_list(request: HttpRequest, membership: Membership) -> HttpResponse:
    own = list(endpoints.get_endpoints(membership.account))
    health = find_health(own, now=timezone.now())
    rows = [(endpoint, health[endpoint.pk]) for endpoint in own]
    published = bool(settings.WEBHOOK_SENDING_ADDRESSES)
    return render(request, "webhooks/endpoints.html", {"rows": rows, "addresses_published": published})


@require_http_methods(["GET", "POST"])
@member_page
def new(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show the form; when posted, create the endpoint and show its secret, which is never shown again."""
    actor = actor_of(membership, "page")
    actor.require_to_act()
    form, faults = WebhookForm(request.POST or None), list[Fault]()
    if form.is_valid():
        try:
            endpoint = endpoints.create_endpoint(**form.cleaned_data, by=actor)
        except Refused as refused:
            faults = place_faults(form, refused.faults)
        else:
            return render(request, "webhooks/secret.html", {"endpoint": endpoint, "created": True})
    return _form(request, form, faults)


@require_http_methods(["GET", "POST"])
@member_page
def edit(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    endpoint = get_endpoint(membership, pk)
    actor = actor_of(membership, "page")
    actor.require_to_act()
    initial = {"url": endpoint.url, "description": endpoint.description, "event_types": endpoint.event_types}
    form, faults = WebhookForm(request.POST or None, initial=initial), list[Fault]()
    if form.is_valid():
        try:
            endpoints.change_endpoint(endpoint=endpoint, **form.cleaned_data, by=actor)
        except Refused as refused:
            faults = place_faults(form, refused.faults)
        else:
            messages.success(request, _("Endpoint saved."))
            return redirect("account-webhook", pk)
    return _form(request, form, faults, endpoint=endpoint)


def _form(request: HttpRequest, form: WebhookForm, faults: list[Fault], **more: Any) -> HttpResponse:
    status = 400 if form.errors or faults else 200
    return render(request, "webhooks/form.html", {"form": form, "faults": faults, **more}, status=status)


@require_POST
@member_page
def send_test(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    endpoint = get_endpoint(membership, pk)
    delivery = endpoints.send_test_event(endpoint=endpoint, by=actor_of(membership, "page"))
    messages.success(request, _("A test event is being sent. Reload this page to see the response."))
    return redirect("account-webhook-delivery", pk, delivery.pk)


@require_POST
@member_page
def switch(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    """Enable or disable the endpoint, as the form's `enabled` says. Idempotent."""
    enabled = request.POST.get("enabled") == "true"
    endpoint = get_endpoint(membership, pk)
    endpoints.change_endpoint(endpoint=endpoint, enabled=enabled, by=actor_of(membership, "page"))
    done = _("Endpoint enabled.") if enabled else _("Endpoint disabled.")
    messages.success(request, done)
    return redirect("account-webhook", pk)


@require_http_methods(["GET", "POST"])
@member_page
def rotate(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    """Ask for confirmation; when posted, rotate the secret and show the new one once."""
    endpoint = get_endpoint(membership, pk)
    actor = actor_of(membership, "page")
    actor.require_to_act()
    if request.method == "POST":
        rotated = endpoints.rotate_secret(endpoint=endpoint, by=actor)
        return render(request, "webhooks/secret.html", {"endpoint": rotated})
    return render(request, "webhooks/rotate.html", {"endpoint": endpoint})


@require_http_methods(["GET", "POST"])
@member_page
def delete(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    """Ask for confirmation; when posted, delete the endpoint."""
    endpoint = get_endpoint(membership, pk)
    actor = actor_of(membership, "page")
    actor.require_to_act()
    if request.method == "POST":
        endpoints.delete_endpoint(endpoint=endpoint, by=actor)
        messages.success(request, _("Endpoint %(url)s deleted.") % {"url": endpoint.url})
        return redirect("account-webhooks")
    return render(request, "webhooks/delete.html", {"endpoint": endpoint})


def get_endpoint(membership: Membership, pk: int) -> WebhookEndpoint:
    """Return the account's endpoint. Raises Http404 for any other (R26)."""
    return get_object_or_404(endpoints.get_endpoints(membership.account), pk=pk)
