"""Batches: one action over several contracts (R42)."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from api.contract_requests import DELIVER_HELP
from api.idempotency import once
from api.parsing import Boolean, BoundedList, StrictSerializer, Text, body, length_of
from api.problems import MAX_TEXT_CHARS
from api.schema import refuses
from api.shown import ShownList, ShownNumber, ShownText, column, identifier
from api.views import ApiView
from contracts.bulk.batches import create_batch
from contracts.bulk.filters import MAX_NUMBERS
from contracts.models import Batch, BatchItem, Contract


@extend_schema_serializer(component_name="NewBatch")
class BatchRequestSerializer(StrictSerializer):
    """An action over 1 to 200 contracts."""

    action = serializers.ChoiceField(choices=[(each.value, each.label) for each in Batch.OF_CONTRACTS])
    numbers = BoundedList(
        child=Text(max_length=length_of(Contract, "number")), allow_empty=False, max_length=MAX_NUMBERS
    )
    reason = Text(
        allow_blank=True, default="", max_length=length_of(Batch, "reason"), help_text="The reason for voiding."
    )
    deliver = Boolean(required=False, help_text=DELIVER_HELP)


@extend_schema_field({"oneOf": [{"$ref": "#/components/schemas/ProblemCode"}, {"type": "string", "const": ""}]})
class RefusalCode(serializers.CharField):
    """A problem code, or empty."""


class BatchResultSerializer(serializers.Serializer):
    number = serializers.SerializerMethodField(help_text="Empty for a draft that is still to be created.")
    outcome = serializers.ChoiceField(choices=BatchItem.Outcome.choices)
    code = RefusalCode(help_text="Code of the refusal; empty unless failed.")
    detail = ShownText(MAX_TEXT_CHARS)

    @extend_schema_field(column(Contract, "number"))
    def get_number(self, item: BatchItem) -> str:
        return item.contract.number if item.contract else ""


class BatchSerializer(serializers.Serializer):
    """A batch, with a result for each contract in the order of the request. Only pages create drafts in batches."""

    id = identifier()
    action = serializers.ChoiceField(choices=Batch.Action.choices)
    status = serializers.SerializerMethodField()
    total = serializers.SerializerMethodField()
    done = serializers.SerializerMethodField()
    failed = serializers.SerializerMethodField()
    results = ShownList(BatchResultSerializer(), MAX_NUMBERS, source="items.all")

    @extend_schema_field(serializers.ChoiceField(choices=["running", "finished"]))
    def get_status(self, batch: Batch) -> str:
        return "finished" if batch.finished_at else "running"

    @extend_schema_field(ShownNumber(0, MAX_NUMBERS))
    def get_total(self, batch: Batch) -> int:
        return len(batch.items.all())

    @extend_schema_field(ShownNumber(0, MAX_NUMBERS))
    def get_done(self, batch: Batch) -> int:
        return self._count(batch, BatchItem.Outcome.DONE)

    @extend_schema_field(ShownNumber(0, MAX_NUMBERS))
    def get_failed(self, batch: Batch) -> int:
        return self._count(batch, BatchItem.Outcome.FAILED)

    def _count(self, batch: Batch, outcome: str) -> int:
        return sum(item.outcome == outcome for item in batch.items.all())


class BatchListView(ApiView):
    @extend_schema(
        operation_id="start_batch",
        summary="Convert or void several drafts",
        request=BatchRequestSerializer,
        responses={202: BatchSerializer},
    )
    @once
    @refuses("invalid")
    def post(self, request: Request) -> Response:
        """Start the action on each contract. A worker performs it; ask for the batch until its status is `finished`."""
        batch = create_batch(**body(BatchRequestSerializer, request), by=self.actor)
        return _answer(self, batch.pk, status.HTTP_202_ACCEPTED)


class BatchDetailView(ApiView):
    @extend_schema(operation_id="get_batch", summary="The progress of a batch", responses=BatchSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _answer(self, pk, status.HTTP_200_OK)


def _answer(view: ApiView, pk: int, status_code: int) -> Response:
    batches = Batch.objects.filter(account=view.actor.own_account).prefetch_related("items__contract")
    return Response(BatchSerializer(get_object_or_404(batches, pk=pk)).data, status=status_code)
