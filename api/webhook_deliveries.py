"""Deliveries to webhook endpoints: the log, tests, and sending again."""

import json
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import once
from api.paging import KeysetPagination
from api.parsing import BoundedList, Integer, NoMembers, StrictSerializer, Text, body, length_of
from api.schema import PAGING, page_of, query, refuses
from api.shown import MAX_ID, ShownList, ShownNumber, column, identifier
from api.webhooks import EndpointView, get_endpoint
from webhooks import endpoints
from webhooks.event_types import EVENT_TYPES
from webhooks.log import MAX_RESENT, DeliveryFilter, resend_deliveries
from webhooks.models import WebhookAttempt, WebhookDelivery

State = WebhookDelivery.State


@extend_schema_serializer(component_name="WebhookAttempt")
class TrySerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    status_code = ShownNumber(100, 999, allow_null=True)
    error = serializers.SerializerMethodField()
    duration_ms = ShownNumber()
    answer = column(WebhookAttempt, "answer")

    @extend_schema_field(serializers.ChoiceField(choices=WebhookAttempt.Error.values, allow_null=True))
    def get_error(self, attempt: Any) -> str | None:
        return attempt.error or None


@extend_schema_serializer(component_name="WebhookDelivery")
class DeliverySerializer(serializers.Serializer):
    id = identifier()
    event_id = column(WebhookDelivery, "event_id")
    type = serializers.ChoiceField(choices=[*EVENT_TYPES, WebhookDelivery.TEST])
    subject = column(WebhookDelivery, "subject", help_text="Number of the contract or order.")
    state = serializers.ChoiceField(choices=WebhookDelivery.State.choices)
    created_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(allow_null=True)
    next_try_at = serializers.DateTimeField(
        source="next_attempt_at",
        allow_null=True,
        help_text="At the earliest; null if it is not pending or the endpoint is disabled.",
    )
    tries = ShownList(
        TrySerializer(), WebhookDelivery.MAX_TRIES, source="recent_tries", help_text="The newest, oldest first."
    )
    payload = serializers.SerializerMethodField(help_text="The message, as sent.")

    @extend_schema_field({"$ref": "#/components/schemas/Event"})
    def get_payload(self, delivery: WebhookDelivery) -> Any:
        return json.loads(delivery.body)


class DeliveryFilterSerializer(StrictSerializer):
    state = serializers.ChoiceField(choices=WebhookDelivery.State.choices, required=False)
    type = Text(required=False, max_length=length_of(WebhookDelivery, "type"))
    subject = Text(required=False, max_length=length_of(WebhookDelivery, "subject"))
    created_from = serializers.DateTimeField(required=False)
    created_to = serializers.DateTimeField(required=False, help_text="Excluded.")


@extend_schema_serializer(component_name="WebhookDeliveryChoice")
class ChoiceSerializer(DeliveryFilterSerializer):
    """Which deliveries to resend: those that are not pending and to which all given members apply."""

    state = serializers.ChoiceField(
        choices=[State.DELIVERED, State.FAILED], required=False, help_text="By default `failed`; with `ids` any."
    )
    ids = BoundedList(
        child=Integer(min_value=1, max_value=MAX_ID),
        required=False,
        allow_empty=False,
        max_length=MAX_RESENT,
        help_text="Of deliveries to this endpoint.",
    )


class ResentSerializer(serializers.Serializer):
    resent = ShownNumber(0, MAX_RESENT, help_text=f"At most {MAX_RESENT}, the oldest. Repeat the call for more.")


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
        query("state", str, "Deliveries in this state.", enum=State.values),
        query("type", length_of(WebhookDelivery, "type"), "Deliveries of this event type."),
        query(
            "subject", length_of(WebhookDelivery, "subject"), "Deliveries about the contract or order with this number."
        ),
        query("created_from", datetime, "Created at this time or later."),
        query("created_to", datetime, "Created before this time."),
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
        given, names = request.query_params, [field.name for field in fields(DeliveryFilter)]
        read = DeliveryFilterSerializer(data={name: given[name] for name in names if given.get(name)})
        read.is_valid(raise_exception=True)
        deliveries = DeliveryFilter(**read.validated_data).find(endpoint).with_recent_tries()
        pages = KeysetPagination()
        page: list[WebhookDelivery] = pages.paginate_queryset(deliveries, request, view=self)
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


class ResendView(EndpointView):
    @extend_schema(
        operation_id="resend_webhooks",
        summary="Resend many deliveries: by default those that failed",
        request=ChoiceSerializer,
        responses={202: ResentSerializer},
    )
    @once
    @refuses("transition_not_allowed")
    def post(self, request: Request, pk: int) -> Response:
        endpoint = get_endpoint(self.actor, pk)
        given = body(ChoiceSerializer, request)
        if "ids" in given:
            given["ids"] = tuple(given["ids"])
        else:
            given.setdefault("state", State.FAILED)
        chosen = DeliveryFilter(**given)
        resent = resend_deliveries(endpoint=endpoint, chosen=chosen, by=self.actor)
        return Response({"resent": resent}, status=status.HTTP_202_ACCEPTED)
