"""The order payment page, and what is done from it: pay from the balance, cancel (R10, R13, R20, R25, R33)."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.actors import Actor, actor_of
from accounts.access.member_page import member_page
from accounts.models import Account, Issuer, Membership
from billing.ledger import balance_of
from billing.remittance_accounts import remittance_of
from common.errors import Refused
from orders import services
from orders.forms import AgreedAmountForm
from orders.models import Order
from orders.views.scope import OrderNow, found


@dataclass(frozen=True, slots=True)
class Funds:
    """The account's balance, in `currency`, beside what an order asks for."""

    balance: Decimal
    currency: str
    order: Order

    @property
    def same_currency(self) -> bool:
        return self.currency == self.order.currency

    @property
    def after(self) -> Decimal:
        return self.balance - self.order.payable_amount

    @property
    def missing(self) -> Decimal:
        return -self.after

    @property
    def suffice(self) -> bool:
        return self.same_currency and self.after >= 0


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is asked for once more before it is done to an unpaid order."""

    template: str
    do: Callable[[HttpRequest, Order, Actor], object]
    done: Promise | str


@require_safe
@member_page
def order_pay(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """What to pay, until when, and how; it offers a payment request contract and no other (R25)."""
    row = found(membership, number)
    if not row.unpaid:
        return _nothing_to_pay(request, row)
    account = Account.objects.select_related("remittance_account").get(pk=membership.account.pk)
    issuer = Issuer.objects.in_force()
    context = {
        "row": row,
        "funds": _funds(account, row),
        "remittance": remittance_of(account, issuer) if issuer else None,
    }
    return render(request, "orders/pay.html", context)


@require_http_methods(["GET", "POST"])
@member_page
def pay_from_balance(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    return _ask_then_do(request, membership, number, PAY_FROM_BALANCE)


@require_http_methods(["GET", "POST"])
@member_page
def cancel(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    return _ask_then_do(request, membership, number, CANCEL)


def _pay(request: HttpRequest, order: Order, by: Actor) -> None:
    form = AgreedAmountForm(request.POST)
    if not form.is_valid():
        raise Refused("invalid", gettext("The amount to pay was not understood. Check it here, then pay again."))
    services.pay_from_balance(order=order, amount=form.cleaned_data["amount"], by=by)


PAY_FROM_BALANCE = Step(
    template="orders/pay_from_balance.html",
    do=_pay,
    done=_("Order %(number)s is paid. The amount was taken from the balance."),
)
CANCEL = Step(
    template="orders/cancel.html",
    do=lambda request, order, by: services.cancel_unpaid(order=order, by=by),
    done=_("Order %(number)s is cancelled."),
)


def _ask_then_do(request: HttpRequest, membership: Membership, number: str, step: Step) -> HttpResponse:
    """Ask; when posted do it and go to the order. An order that is unpaid no more gets the page that explains."""
    actor = actor_of(membership, "page")
    actor.require_to_act()
    row = found(membership, number)
    refused = None
    if request.method == "POST" and row.unpaid:
        try:
            step.do(request, row.order, actor)
        except Refused as error:
            refused, row = error, found(membership, number)
        else:
            messages.success(request, step.done % {"number": row.order.number})
            return redirect("order-detail", row.order.number)
    if not row.unpaid:
        return _nothing_to_pay(request, row)
    context = {"row": row, "funds": _funds(membership.account, row), "refused": refused}
    return render(request, step.template, context, status=refused.status if refused else 200)


def _nothing_to_pay(request: HttpRequest, row: OrderNow) -> HttpResponse:
    """Says what became of the order; after a double click or on a page left open, that nothing more was done."""
    return render(request, "orders/nothing_to_pay.html", {"row": row}, status=409 if request.method == "POST" else 200)


def _funds(account: Account, row: OrderNow) -> Funds:
    return Funds(balance_of(account), account.currency, row.order)
