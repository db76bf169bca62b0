"""The events of contracts and orders, for readers who keep a copy."""

import json
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounts.access.actors import Actor
from api.authentication import event_reader
from api.etags import Tagged
from api.paging import MAX_PAGE_SIZE, page_size_of
from api.schema import PAGE_SIZE, query, refuses
from api.shown import MAX_ID, ShownList, ShownNumber, column, identifier
from webhooks.event_types import EVENT_TYPES, get_types_of_scopes
from webhooks.feed import read_feed
from webhooks.models import FeedEvent


class FeedEventSerializer(serializers.Serializer):
    """An event: the message that webhooks send (`Event`), with its place in the feed."""

    id = identifier(help_text="Greater than those of all events read before.")
    webhook_id = column(FeedEvent, "event_id", help_text="The `webhook-id` of the same message sent to an endpoint.")
    type = serializers.ChoiceField(choices=list(EVENT_TYPES))
    timestamp = serializers.DateTimeField()
    data = serializers.DictField(help_text="As in the webhook of this type.")  # type: ignore[assignment]


class FeedEventPageSerializer(serializers.Serializer):
    results = ShownList(FeedEventSerializer(), MAX_PAGE_SIZE)
    next = serializers.URLField(allow_null=True, help_text="Null if there are no more events for now.")
    last_id = ShownNumber(0, MAX_ID, help_text="Id of the newest event: where to begin after a first copy.")


class EventListView(Tagged):
    query_parameters = (
        query("after", {"type": "integer", "minimum": 0, "maximum": MAX_ID}, "Events after the one with this id."),
        PAGE_SIZE,
    )

    def get_actor(self, request: Request) -> Actor:
        return event_reader(request)

    @extend_schema(
        operation_id="list_events",
        summary="Events of the account, oldest first; for integrators, of all accounts",
        responses=FeedEventPageSerializer,
    )
    @refuses("events_expired")
    def get(self, request: Request) -> Response:
        """Read events in order. An event is never returned after a later one has been. Events are kept for 30 days."""
        after = _read_after(request)
        page = read_feed(
            account=self.actor.account,
            types=get_types_of_scopes(self.actor.scopes) if self.actor.scopes else None,
            after=after,
            limit=page_size_of(request),
        )
        next_after = page.events[-1].number if page.events else after or 0
        address = replace_query_param(request.build_absolute_uri(), "after", next_after)
        results = [_represent(event) for event in page.events]
        return Response({"results": results, "next": address if page.has_more else None, "last_id": page.last_number})


def _represent(event: FeedEvent) -> dict[str, Any]:
    return {"id": event.number, "webhook_id": event.event_id, **json.loads(event.body)}


def _read_after(request: Request) -> int | None:
    """Return the parameter, or None. Raises ValidationError unless it can be an id."""
    given = request.query_params.get("after")
    if not given:
        return None
    try:
        return serializers.IntegerField(min_value=0, max_value=MAX_ID).run_validation(given)
    except serializers.ValidationError as error:
        raise serializers.ValidationError({"after": error.detail}) from error
