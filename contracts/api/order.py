"""One order: read it, write it, pay it, cancel it."""

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contracts.api import feeding
from contracts.api.auth import integrator, is_integrator, member, member_or_integrator
from contracts.api.etags import Tagged, conditional
from contracts.api.feeding import OrderToldSerializer
from contracts.api.idempotency import once
from contracts.api.orders import OrderSerializer, found, represented
from contracts.api.parsing import body
from contracts.api.schema import refuses
from orders import services


class OrderDetailView(Tagged):
    @extend_schema(operation_id="get_order", summary="One order", responses=OrderSerializer)
    def get(self, request: Request, number: str) -> Response:
        return Response(represented(found(member_or_integrator(request), number)))

    @extend_schema(
        operation_id="put_order",
        summary="Create or update one order (integrators)",
        request=OrderToldSerializer,
        responses={200: OrderSerializer, 201: OrderSerializer},
    )
    @conditional
    @refuses("transition_not_allowed", "payment_deadline_passed")
    def put(self, request: Request, number: str) -> Response:
        return feeding.upsert(request, number)


class PaymentSerializer(serializers.Serializer):
    """What an integrator tells of a payment that the company has received."""

    paid_at = serializers.DateTimeField()


class AgreedSerializer(serializers.Serializer):
    """What a member agrees to pay from the balance."""

    amount = serializers.DecimalField(18, 2, required=False, allow_null=True, default=None)


class PayView(APIView):
    @extend_schema(
        operation_id="pay_order",
        summary="Pay the order from the balance; integrators: tell that it was paid",
        request=PolymorphicProxySerializer(
            "OrderPayment", serializers=[AgreedSerializer, PaymentSerializer], resource_type_field_name=None
        ),
        responses=OrderSerializer,
    )
    @once
    @refuses("transition_not_allowed", "payment_deadline_passed", "order_changed", "insufficient_balance")
    def post(self, request: Request, number: str) -> Response:
        """Members pay from the account's balance; integrators tell of a payment that was received (R33)."""
        if is_integrator(request):
            actor = integrator(request)
            unpaid = found(actor, number)
            paid = body(PaymentSerializer, request, by=actor)
            order = services.record_payment(order=unpaid, paid_at=paid["paid_at"], by=actor)
        else:
            actor = member(request)
            unpaid = found(actor, number)
            agreed = body(AgreedSerializer, request, by=actor)
            order = services.pay_from_balance(order=unpaid, amount=agreed["amount"], by=actor)
        return Response(represented(found(actor, order.number)))


class CancelView(APIView):
    @extend_schema(
        operation_id="cancel_order", summary="Cancel an unpaid order", request=None, responses=OrderSerializer
    )
    @once
    @refuses("transition_not_allowed")
    def post(self, request: Request, number: str) -> Response:
        """Members cancel what they have not paid; a payment request contract that holds it becomes invalid (R20)."""
        actor = member(request)
        services.cancel_unpaid(order=found(actor, number), by=actor)
        return Response(represented(found(actor, number)))
