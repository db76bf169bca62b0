"""Read, write, pay and cancel a single order."""

from functools import partial

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.actors import Actor
from api import order_import as feeding
from api.amounts import AmountInput
from api.authentication import integrator, is_integrator, member, member_or_integrator
from api.etags import Tagged, change_if_match, conditional
from api.idempotency import once
from api.order_import import OrderInputSerializer
from api.orders import OrderSerializer, get_order, represent_locked, represented
from api.parsing import NoMembers, StrictSerializer, body
from api.schema import refuses
from orders import services


class OrderDetailView(Tagged):
    def get_actor(self, request: Request) -> Actor:
        return integrator(request) if request.method == "PUT" else member_or_integrator(request)

    @extend_schema(operation_id="get_order", summary="One order", responses=OrderSerializer)
    def get(self, request: Request, number: str) -> Response:
        return Response(represented(get_order(self.actor, number)))

    @extend_schema(
        operation_id="put_order",
        summary="Create or update one order (integrators)",
        request=OrderInputSerializer,
        responses={200: OrderSerializer, 201: OrderSerializer},
    )
    @conditional
    @refuses("transition_not_allowed", "payment_deadline_passed")
    def put(self, request: Request, number: str) -> Response:
        """Create or update the order. With `If-None-Match: *` it is never updated."""
        return feeding.upsert(request, number, by=self.actor)


@extend_schema_serializer(component_name="ReceivedPayment")
class PaymentSerializer(StrictSerializer):
    """A received payment, recorded by an integrator."""

    paid_at = serializers.DateTimeField()


@extend_schema_serializer(component_name="BalancePayment")
class AgreedSerializer(StrictSerializer):
    """The amount that a member agrees to pay from the balance."""

    amount = AmountInput(16, required=False, allow_null=True, default=None)


class PayView(Tagged):
    def get_actor(self, request: Request) -> Actor:
        return integrator(request) if is_integrator(request) else member(request)

    @extend_schema(
        operation_id="pay_order",
        summary="Pay the order from the balance; integrators: record its payment",
        request=PolymorphicProxySerializer(
            "OrderPayment", serializers=[AgreedSerializer, PaymentSerializer], resource_type_field_name=None
        ),
        responses=OrderSerializer,
    )
    @once
    @conditional
    @refuses("transition_not_allowed", "payment_deadline_passed", "order_changed", "insufficient_balance")
    def post(self, request: Request, number: str) -> Response:
        """Pay from the balance (members) or record a payment (integrators). Repeating it changes nothing."""
        actor = self.actor
        unpaid = get_order(actor, number)
        if actor.account is None:
            paid = body(PaymentSerializer, request)
            pay = partial(services.record_payment, order=unpaid, paid_at=paid["paid_at"], by=actor)
        else:
            agreed = body(AgreedSerializer, request)
            pay = partial(services.pay_from_balance, order=unpaid, amount=agreed["amount"], by=actor)
        change_if_match(request, before=lambda: represent_locked(number), change=pay)
        return Response(represented(get_order(actor, number)))


class CancelView(Tagged):
    def get_actor(self, request: Request) -> Actor:
        return integrator(request) if is_integrator(request) else member(request)

    @extend_schema(
        operation_id="cancel_order", summary="Cancel an unpaid order", request=None, responses=OrderSerializer
    )
    @once
    @conditional
    @refuses("transition_not_allowed")
    def post(self, request: Request, number: str) -> Response:
        """Cancel an unpaid order. A payment request contract that holds it becomes invalid (R20)."""
        order = get_order(self.actor, number)
        body(NoMembers, request)
        change_if_match(
            request,
            before=lambda: represent_locked(number),
            change=lambda: services.cancel_unpaid(order=order, by=self.actor),
        )
        return Response(represented(get_order(self.actor, number)))
