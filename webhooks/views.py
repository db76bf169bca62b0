"""Webhook endpoints of the account: the list, making and changing one, its secret, which is shown once, and its log."""

from typing import Any

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
from common.paging import page_of
from webhooks import endpoints
from webhooks.event_types import EVENT_TYPES
from webhooks.forms import WebhookForm
from webhooks.models import WebhookDelivery, WebhookEndpoint

PAGE_SIZE = 20


@require_safe
@member_page
def endpoint_list(request: HttpRequest, membership: Membership) -> HttpResponse:
    return render(request, "webhooks/endpoints.html", {"endpoints": endpoints.endpoints_of(membership.account)})


@require_http_methods(["GET", "POST"])
@member_page
def new(request: HttpRequest, membership: Membership) -> HttpResponse:
    """The form; when posted the secret, which the answer itself holds, as `member_page` forbids storing it."""
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
    endpoint = _found(membership, pk)
    actor = actor_of(membership, "page")
    actor.require_to_act()
    kept = {"url": endpoint.url, "description": endpoint.description, "event_types": endpoint.event_types}
    form, faults = WebhookForm(request.POST or None, initial=kept), list[Fault]()
    if form.is_valid():
        try:
            endpoints.change_endpoint(endpoint=endpoint, **form.cleaned_data, by=actor)
        except Refused as refused:
            faults = place_faults(form, refused.faults)
        else:
            messages.success(request, _("The endpoint is saved."))
            return redirect("account-webhook", pk)
    return _form(request, form, faults, endpoint=endpoint)


def _form(request: HttpRequest, form: WebhookForm, faults: list[Fault], **more: Any) -> HttpResponse:
    status = 400 if form.errors or faults else 200
    return render(request, "webhooks/form.html", {"form": form, "faults": faults, **more}, status=status)


@require_safe
@member_page
def endpoint_page(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    """The endpoint and its log: newest first, and `?state=` alone."""
    endpoint = _found(membership, pk)
    log = endpoints.deliveries_of(endpoint).defer("body").prefetch_related("tries")
    state = request.GET.get("state", "")
    if state in WebhookDelivery.State:
        log = log.filter(state=state)
    page = page_of(log, request.GET.get("page"), size=PAGE_SIZE)
    context = {
        "endpoint": endpoint,
        "events": [EVENT_TYPES.get(known, known) for known in endpoint.event_types],
        "secret_rotating": endpoints.overlap_ends(endpoint, now=timezone.now()),
        "states": [("", _("All")), *WebhookDelivery.State.choices],
        "state": state,
        "page": page,
        "rows": [(delivery, list(delivery.tries.all())[-1:]) for delivery in page.rows],
    }
    return render(request, "webhooks/endpoint.html", context)


@require_safe
@member_page
def delivery_page(request: HttpRequest, membership: Membership, pk: int, delivery_pk: int) -> HttpResponse:
    endpoint = _found(membership, pk)
    delivery = get_object_or_404(endpoints.deliveries_of(endpoint), pk=delivery_pk)
    return render(request, "webhooks/delivery.html", {"endpoint": endpoint, "delivery": delivery})


@require_POST
@member_page
def send_again(request: HttpRequest, membership: Membership, pk: int, delivery_pk: int) -> HttpResponse:
    deliveries = endpoints.deliveries_of(_found(membership, pk)).select_related("endpoint")
    delivery = get_object_or_404(deliveries, pk=delivery_pk)
    endpoints.send_again(delivery=delivery, by=actor_of(membership, "page"))
    messages.success(request, _("The event is sent again. Reload this page to see the answer."))
    return redirect("account-webhook-delivery", pk, delivery_pk)


@require_POST
@member_page
def send_test(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    endpoint = _found(membership, pk)
    delivery = endpoints.send_test(endpoint=endpoint, by=actor_of(membership, "page"))
    messages.success(request, _("A test event is on its way. Reload this page to see the answer."))
    return redirect("account-webhook-delivery", pk, delivery.pk)


@require_POST
@member_page
def switch(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    """On or off, as the form's `enabled` says; twice is as once."""
    enabled = request.POST.get("enabled") == "true"
    endpoint = _found(membership, pk)
    endpoints.change_endpoint(endpoint=endpoint, enabled=enabled, by=actor_of(membership, "page"))
    done = _("The endpoint is switched on.") if enabled else _("The endpoint is switched off.")
    messages.success(request, done)
    return redirect("account-webhook", pk)


@require_http_methods(["GET", "POST"])
@member_page
def rotate(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    """Ask; when posted show the new secret, this once."""
    endpoint = _found(membership, pk)
    actor = actor_of(membership, "page")
    actor.require_to_act()
    if request.method == "POST":
        rotated = endpoints.rotate_secret(endpoint=endpoint, by=actor)
        return render(request, "webhooks/secret.html", {"endpoint": rotated})
    return render(request, "webhooks/rotate.html", {"endpoint": endpoint})


@require_http_methods(["GET", "POST"])
@member_page
def delete(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    """Ask; when posted delete."""
    endpoint = _found(membership, pk)
    actor = actor_of(membership, "page")
    actor.require_to_act()
    if request.method == "POST":
        endpoints.delete_endpoint(endpoint=endpoint, by=actor)
        messages.success(request, _("The endpoint %(url)s is deleted.") % {"url": endpoint.url})
        return redirect("account-webhooks")
    return render(request, "webhooks/delete.html", {"endpoint": endpoint})


def _found(membership: Membership, pk: int) -> WebhookEndpoint:
    """The account's endpoint. Raises Http404 for any other (R26)."""
    return get_object_or_404(endpoints.endpoints_of(membership.account), pk=pk)
