"""Pages of an endpoint's log: its deliveries, one delivery, and resending."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access.actors import actor_of
from accounts.access.member_page import member_page
from accounts.models import Membership
from common.errors import Refused
from common.forms import refuse_invalid
from common.paging import page_of
from webhooks import endpoints
from webhooks.event_types import EVENT_TYPES
from webhooks.forms import DeliveryFilterForm
from webhooks.health import find_health
from webhooks.log import MAX_RESENT, DeliveryFilter, find_resendable, resend_deliveries
from webhooks.models import WebhookDelivery
from webhooks.views import get_endpoint

PAGE_SIZE = 20


@require_safe
@member_page
def endpoint_page(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    """Show the endpoint and its deliveries, newest first, filtered by the parameters of DeliveryFilterForm."""
    endpoint = get_endpoint(membership, pk)
    form = DeliveryFilterForm(request.GET)
    chosen = DeliveryFilter(**form.cleaned_data) if form.is_valid() else None
    deliveries = chosen.find(endpoint) if chosen else WebhookDelivery.objects.none()
    page = page_of(deliveries.defer("body").with_recent_tries(), request.GET.get("page"), size=PAGE_SIZE)
    context = {
        "endpoint": endpoint,
        "events": [EVENT_TYPES.get(known, known) for known in endpoint.event_types],
        "health": find_health([endpoint], now=timezone.now())[endpoint.pk],
        "secret_rotating": endpoints.find_secret_overlap_end(endpoint, now=timezone.now()),
        "filters": form,
        "filtered": form.has_values(),
        "page": page,
        "rows": [(delivery, delivery.recent_tries) for delivery in page.rows],
        "may_resend": membership.may_act and endpoint.enabled,
    }
    if chosen and context["may_resend"] and page.rows:
        context |= {"resendable": find_resendable(endpoint, chosen).count(), "max_resent": MAX_RESENT}
    return render(request, "webhooks/endpoint.html", context)


@require_safe
@member_page
def delivery_page(request: HttpRequest, membership: Membership, pk: int, delivery_pk: int) -> HttpResponse:
    endpoint = get_endpoint(membership, pk)
    delivery = get_object_or_404(endpoints.get_deliveries(endpoint), pk=delivery_pk)
    return render(request, "webhooks/delivery.html", {"endpoint": endpoint, "delivery": delivery})


@require_POST
@member_page
def send_again(request: HttpRequest, membership: Membership, pk: int, delivery_pk: int) -> HttpResponse:
    deliveries = endpoints.get_deliveries(get_endpoint(membership, pk)).select_related("endpoint")
    delivery = get_object_or_404(deliveries, pk=delivery_pk)
    endpoints.resend_delivery(delivery=delivery, by=actor_of(membership, "page"))
    messages.success(request, _("The event is being resent. Reload this page to see the response."))
    return redirect("account-webhook-delivery", pk, delivery_pk)


@require_POST
@member_page
def resend_many(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    """Resend the selected deliveries (`delivery`, repeated), or with `scope=all` those of the filter in the address."""
    endpoint, actor = get_endpoint(membership, pk), actor_of(membership, "page")
    actor.require_to_act()
    resent = resend_deliveries(endpoint=endpoint, chosen=_chosen_of(request), by=actor)
    if resent:
        done = ngettext("%(count)d event is being resent.", "%(count)d events are being resent.", resent)
        messages.success(request, done % {"count": resent})
    else:
        messages.info(request, _("Nothing was resent: these events are pending or tests."))
    query = request.GET.urlencode()
    return redirect(reverse("account-webhook", args=[pk]) + (f"?{query}" if query else ""))


def _chosen_of(request: HttpRequest) -> DeliveryFilter:
    """Return which deliveries to resend. Raises Refused `invalid`."""
    if request.POST.get("scope") == "all":
        form = DeliveryFilterForm(request.GET)
        refuse_invalid(form)
        return DeliveryFilter(**form.cleaned_data)
    return DeliveryFilter(ids=_ids_of(request.POST))


def _ids_of(form: QueryDict) -> tuple[int, ...]:
    given: list[Any] = form.getlist("delivery")
    if not given:
        raise Refused("invalid", _("Select at least one event."), pointer="/delivery")
    if not all(text.isascii() and text.isdigit() and len(text) <= 18 for text in given):
        raise Refused("invalid", _("There is no such event."), pointer="/delivery")
    return tuple(map(int, given))
