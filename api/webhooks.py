"""Webhook endpoints of an account, or of integrators for all accounts, and their deliveries."""

from typing import Any

import django_filters
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
from api.schema import PAGING, page_of, query, refuses
from api.views import ApiView
from webhooks import endpoints
from webhooks.event_types import EVENT_TYPES
from webhooks.models import WebhookDelivery, WebhookEndpoint

MAX_TYPES = 50
"""Maximum event types of one endpoint, repetitions included."""


@extend_schema_serializer(component_name="WebhookEndpoint")
class EndpointSerializer(serializers.Serializer):
    """An endpoint without its secret, which only creation and rotation return."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    description = serializers.CharField()
    event_types = serializers.ListField(
        child=serializers.ChoiceField(choices=list(EVENT_TYPES)), help_text="Empty: all."
    )
    enabled = serializers.BooleanField()
    disabled_because = serializers.SerializerMethodField()
    failing_since = serializers.DateTimeField(allow_null=True)
    previous_secret_until = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    @extend_schema_field(serializers.ChoiceField(choices=WebhookEndpoint.DisabledBecause.values, allow_null=True))
    def get_disabled_because(self, endpoint: WebhookEndpoint) -> str | None:
        return endpoint.disabled_because or None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_previous_secret_until(self, endpoint: WebhookEndpoint) -> str | None:
        ends = endpoints.find_secret_overlap_end(endpoint, now=timezone.now())
        return timezone.localtime(ends).isoformat() if ends else None


@extend_schema_serializer(component_name="WebhookAttempt")
class TrySerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    status_code = serializers.IntegerField(allow_null=True)
    error = serializers.SerializerMethodField()
    duration_ms = serializers.IntegerField()
    answer = serializers.CharField()

    def get_error(self, attempt: Any) -> str | None:
        return attempt.error or None


@extend_schema_serializer(component_name="WebhookDelivery")
class DeliverySerializer(serializers.Serializer):
    id = serializers.IntegerField()
    event_id = serializers.CharField()
    type = serializers.ChoiceField(choices=[*EVENT_TYPES, WebhookDelivery.TEST])
    subject = serializers.CharField()
    state = serializers.ChoiceField(choices=WebhookDelivery.State.choices)
    created_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(allow_null=True)
    next_try_at = serializers.SerializerMethodField()
    tries = TrySerializer(many=True, source="tries.all")

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_try_at(self, delivery: WebhookDelivery) -> str | None:
        waits = delivery.state == WebhookDelivery.State.PENDING
        return timezone.localtime(delivery.due_at).isoformat() if waits else None


@extend_schema_serializer(component_name="WebhookEndpointWithSecret")
class SecretSerializer(EndpointSerializer):
    """An endpoint with its secret, which is shown once. Replays omit it."""

    secret = serializers.CharField(required=False)


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


class DeliveryFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=WebhookDelivery.State)
    type = django_filters.CharFilter()

    class Meta:
        model = WebhookDelivery
        fields: list[str] = []


def get_endpoint(actor: Actor, pk: int) -> WebhookEndpoint:
    """Return the actor's endpoint. Raises Http404 for any other (R26)."""
    return get_object_or_404(endpoints.get_endpoints_of(actor), pk=pk)


def with_secret(endpoint: WebhookEndpoint, *, status_code: int) -> Response:
    """Return the only response that holds the secret. It must not be stored."""
    data = {**EndpointSerializer(endpoint).data, "secret": endpoint.secret}
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
        return pages.get_paginated_response(EndpointSerializer(page, many=True).data)

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
        return Response(EndpointSerializer(get_endpoint(self.actor, pk)).data)

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
        return Response(EndpointSerializer(changed).data)

    @extend_schema(operation_id="delete_webhook_endpoint", summary="Remove the endpoint", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        actor = self.actor
        endpoints.delete_endpoint(endpoint=get_endpoint(actor, pk), by=actor)
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


class TestView(EndpointView):
    @extend_schema(
        operation_id="test_webhook_endpoint",
        summary="Send a test event",
        request=None,
        responses={202: DeliverySerializer},
    )
    @once
    @refuses("transition_not_allowed")
    def post(self, request: Request, pk: int) -> Response:
        actor = self.actor
        endpoint = get_endpoint(actor, pk)
        body(NoMembers, request)
        delivery = endpoints.send_test_event(endpoint=endpoint, by=actor)
        return Response(DeliverySerializer(delivery).data, status=status.HTTP_202_ACCEPTED)


class DeliveryListView(EndpointView):
    query_parameters = (
        query("state", str, "Deliveries in this state.", enum=WebhookDelivery.State.values),
        query("type", str, "Deliveries of this event type."),
        *PAGING,
    )

    @extend_schema(
        operation_id="list_webhook_deliveries",
        summary="The endpoint's deliveries, newest first",
        responses=page_of(DeliverySerializer),
    )
    @refuses("invalid", "not_found")
    def get(self, request: Request, pk: int) -> Response:
        endpoint = get_endpoint(self.actor, pk)
        deliveries = endpoints.get_deliveries(endpoint).defer("body").prefetch_related("tries")
        filters = DeliveryFilter(request.query_params, queryset=deliveries)
        if not filters.is_valid():
            raise serializers.ValidationError(filters.errors)
        pages = KeysetPagination()
        page: list[WebhookDelivery] = pages.paginate_queryset(filters.qs, request, view=self)
        return pages.get_paginated_response(DeliverySerializer(page, many=True).data)


class RedeliverView(EndpointView):
    @extend_schema(
        operation_id="redeliver_webhook",
        summary="Resend a delivery",
        request=None,
        responses={202: DeliverySerializer},
    )
    @once
    @refuses("transition_not_allowed")
    def post(self, request: Request, pk: int, delivery_pk: int) -> Response:
        actor = self.actor
        deliveries = endpoints.get_deliveries(get_endpoint(actor, pk)).select_related("endpoint")
        delivery = get_object_or_404(deliveries, pk=delivery_pk)
        body(NoMembers, request)
        again = endpoints.resend_delivery(delivery=delivery, by=actor)
        return Response(DeliverySerializer(again).data, status=status.HTTP_202_ACCEPTED)
