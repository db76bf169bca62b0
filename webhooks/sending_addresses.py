"""Public pages of the addresses that webhooks come from, for receivers' firewalls (WEBHOOK_SENDING_ADDRESSES)."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe


def get_sending_addresses() -> list[str]:
    """Return the networks that the operator has published. Raises Http404 if there are none."""
    if not settings.WEBHOOK_SENDING_ADDRESSES:
        raise Http404
    return list(settings.WEBHOOK_SENDING_ADDRESSES)


@require_safe
def addresses_page(request: HttpRequest) -> HttpResponse:
    return render(request, "webhooks/sending_addresses.html", {"addresses": get_sending_addresses()})


@require_safe
@cache_control(public=True, max_age=3600)
def addresses_json(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"addresses": get_sending_addresses()})
