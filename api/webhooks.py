"""Webhook endpoints of an account, or of integrators for all accounts."""

from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.actors import Actor
from api.authentication import endpoint_owner
from api.idempotency import once
from api.paging import KeysetPagination
from api.parsing import Boolean, BoundedList, NoMembers, StrictSerializer, Text, body, length_of
from api.schema import PAGING, page_of, refuses
from api.shown import ShownList, ShownNumber, column, identifier
from api.views import ApiView
from webhooks import endpoints
from webhooks.event_types import EVENT_TYPES
from webhooks.health import find_health
from webhooks.models import WebhookDelivery, WebhookEndpoint

MAX_TYPES = 50
"""Maximum event types of one endpoint, repetitions included."""


@extend_schema_serializer(component_name="WebhookHealth")
class HealthSerializer(serializers.Serializer):
    """Outcomes of the events of the last 24 hours. Pending events are counted whatever their age."""

    events = ShownNumber()
    delivered = ShownNumber()
    failed = ShownNumber(help_text="Given up.")
    pending = ShownNumber()
    oldest_pending_at = serializers.DateTimeField(allow_null=True)


@extend_schema_serializer(component_name="WebhookEndpoint")
class EndpointSerializer(serializers.Serializer):
    """An endpoint without its secret, which only creation and rotation return."""

    id = identifier()
    url = column(WebhookEndpoint, "url")
    description = column(WebhookEndpoint, "description")
    event_types = ShownList(
        serializers.ChoiceField(choices=list(EVENT_TYPES)), len(EVENT_TYPES), help_text="Empty: all."
    )
    enabled = serializers.BooleanField()
    disabled_because = serializers.SerializerMethodField()
    disabled_at = serializers.DateTimeField(allow_null=True)
    failing_since = serializers.DateTimeField(allow_null=True)
    failures = ShownNumber(help_text="Failed attempts since the last success.")
    last_success_at = serializers.DateTimeField(allow_null=True)
    health = serializers.SerializerMethodField()
    previous_secret_until = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    @extend_schema_field(serializers.ChoiceField(choices=WebhookEndpoint.DisabledBecause.values, allow_null=True))
    def get_disabled_because(self, endpoint: WebhookEndpoint) -> str | None:
        return endpoint.disabled_because or None

    @extend_schema_field(HealthSerializer)
    def get_health(self, endpoint: WebhookEndpoint) -> dict[str, Any]:
        return HealthSerializer(self.context["health"][endpoint.pk]).data

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_previous_secret_until(self, endpoint: WebhookEndpoint) -> str | None:
        ends = endpoints.find_secret_overlap_end(endpoint, now=timezone.now())
        return timezone.localtime(ends).isoformat() if ends else None


@extend_schema_serializer(component_name="WebhookEndpointWithSecret")
class SecretSerializer(EndpointSerializer):
    """An endpoint with its secret, which is shown once. Replays omit it."""

    secret = column(WebhookEndpoint, "secret", required=False)


@extend_schema_field(
    serializers.ListField(child=serializers.ChoiceField(choices=list(EVENT_TYPES)), max_length=MAX_TYPES)
)
class EventTypes(BoundedList):
    """Event types as sent. The service validates them."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            child=Text(max_length=length_of(WebhookDelivery, "type")), allow_empty=True, max_length=MAX_TYPES, **more
        )


@extend_schema_serializer(component_name="NewWebhookEndpoint")
class NewEndpointSerializer(StrictSerializer):
    """A new endpoint."""

    url = Text(max_length=length_of(WebhookEndpoint, "url"))
    description = Text(allow_blank=True, default="", max_length=length_of(WebhookEndpoint, "description"))
    event_types = EventTypes(default=list)


@extend_schema_serializer(component_name="WebhookEndpointChanges")
class ChangesSerializer(StrictSerializer):
    url = Text(required=False, max_length=length_of(WebhookEndpoint, "url"))
    description = Text(allow_blank=True, required=False, max_length=length_of(WebhookEndpoint, "description"))
    event_types = EventTypes(required=False)
    enabled = Boolean(required=False)


def get_endpoint(actor: Actor, pk: int) -> WebhookEndpoint:
    """Return the actor's endpoint. Raises Http404 for any other (R26)."""
    return get_object_or_404(endpoints.get_endpoints_of(actor), pk=pk)


def represent_endpoints(shown: Sequence[WebhookEndpoint]) -> list[dict[str, Any]]:
    health = find_health(shown, now=timezone.now())
    return list(EndpointSerializer(shown, many=True, context={"health": health}).data)


def represent_endpoint(endpoint: WebhookEndpoint) -> dict[str, Any]:
    [shown] = represent_endpoints([endpoint])
    return shown


def with_secret(endpoint: WebhookEndpoint, *, status_code: int) -> Response:
    """Return the only response that holds the secret. It must not be stored."""
    data = {**represent_endpoint(endpoint), "secret": endpoint.secret}
    return Response(data, status=status_code, headers={"Cache-Control": "no-store"})


class EndpointView(ApiView):
    def get_actor(self, request: Request) -> Actor:
        return endpoint_owner(request)


class EndpointListView(EndpointView):
    query_parameters = PAGING

    @extend_schema(
        operation_id="list_webhook_endpoints",
        summary="The account's webhook endpoints; for integrators, those for all accounts",
        responses=page_of(EndpointSerializer),
    )
    @refuses("invalid", "not_found")
    def get(self, request: Request) -> Response:
        own = endpoints.get_endpoints_of(self.actor)
        pages = KeysetPagination()
        page = pages.paginate_queryset(own.order_by("-created_at", "-pk"), request, view=self)
        return pages.get_paginated_response(represent_endpoints(page))

    @extend_schema(
        operation_id="create_webhook_endpoint",
        summary="Add an endpoint; only this response contains its secret",
        request=NewEndpointSerializer,
        responses={201: SecretSerializer},
    )
    @once
    @refuses("transition_not_allowed")
    def post(self, request: Request) -> Response:
        actor = self.actor
        endpoint = endpoints.create_endpoint(**body(NewEndpointSerializer, request), by=actor)
        return with_secret(endpoint, status_code=status.HTTP_201_CREATED)


class EndpointDetailView(EndpointView):
    @extend_schema(operation_id="get_webhook_endpoint", summary="One endpoint", responses=EndpointSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(represent_endpoint(get_endpoint(self.actor, pk)))

    @extend_schema(
        operation_id="change_webhook_endpoint",
        summary="Change, enable or disable the endpoint",
        request=ChangesSerializer,
        responses=EndpointSerializer,
    )
    @refuses("transition_not_allowed")
    def patch(self, request: Request, pk: int) -> Response:
        actor = self.actor
        endpoint = get_endpoint(actor, pk)
        changed = endpoints.change_endpoint(endpoint=endpoint, **body(ChangesSerializer, request), by=actor)
        return Response(represent_endpoint(changed))

    @extend_schema(operation_id="delete_webhook_endpoint", summary="Remove the endpoint", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        endpoint = get_endpoint(self.actor, pk)
        body(NoMembers, request)
        endpoints.delete_endpoint(endpoint=endpoint, by=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)


class RotateSecretView(EndpointView):
    @extend_schema(
        operation_id="rotate_webhook_secret",
        summary="Rotate the secret; the previous one also signs for 24 hours",
        request=None,
        responses={200: SecretSerializer},
    )
    @once
    @refuses("transition_not_allowed")
    def post(self, request: Request, pk: int) -> Response:
        actor = self.actor
        endpoint = get_endpoint(actor, pk)
        body(NoMembers, request)
        return with_secret(endpoints.rotate_secret(endpoint=endpoint, by=actor), status_code=status.HTTP_200_OK)
