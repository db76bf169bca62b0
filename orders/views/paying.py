"""The order payment page and its actions: pay from the balance, cancel (R10, R13, R20, R25, R33)."""

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
from billing.ledger import get_balance
from billing.remittance_accounts import get_remittance_details
from common.errors import Refused
from orders import services
from orders.forms import AgreedAmountForm
from orders.models import Order
from orders.views.scope import OrderNow, get_order


@dataclass(frozen=True, slots=True)
class Funds:
    """The account's balance, in `currency`, compared with the amount of an order."""

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
class ConfirmedAction:
    """An action on an unpaid order that requires confirmation."""

    template: str
    run: Callable[[HttpRequest, Order, Actor], object]
    done: Promise | str


@require_safe
@member_page
def order_pay(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """Show the amount, deadline and ways to pay. Offers only a payment request contract (R25)."""
    row = get_order(membership, number)
    if not row.unpaid:
        return _render_nothing_to_pay(request, row)
    account = Account.objects.select_related("remittance_account").get(pk=membership.account.pk)
    issuer = Issuer.objects.in_force()
    context = {
        "row": row,
        "funds": _get_funds(account, row),
        "remittance": get_remittance_details(account, issuer) if issuer else None,
    }
    return render(request, "orders/pay.html", context)


@require_http_methods(["GET", "POST"])
@member_page
def pay_from_balance(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    return _confirm_then_run(request, membership, number, PAY_FROM_BALANCE)


@require_http_methods(["GET", "POST"])
@member_page
def cancel(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    return _confirm_then_run(request, membership, number, CANCEL)


def _pay(request: HttpRequest, order: Order, by: Actor) -> None:
    form = AgreedAmountForm(request.POST)
    if not form.is_valid():
        raise Refused("invalid", gettext("The amount is not valid. Check it, then pay again."))
    services.pay_from_balance(order=order, amount=form.cleaned_data["amount"], by=by)


PAY_FROM_BALANCE = ConfirmedAction(
    template="orders/pay_from_balance.html",
    run=_pay,
    done=_("Order %(number)s was paid from the balance."),
)
CANCEL = ConfirmedAction(
    template="orders/cancel.html",
    run=lambda request, order, by: services.cancel_unpaid(order=order, by=by),
    done=_("Order %(number)s was cancelled."),
)


def _confirm_then_run(
    request: HttpRequest, membership: Membership, number: str, action: ConfirmedAction
) -> HttpResponse:
    """Ask for confirmation; when posted, run the action and redirect to the order.

    If the order is no longer unpaid, show the page that explains its state.
    """
    actor = actor_of(membership, "page")
    actor.require_to_act()
    row = get_order(membership, number)
    refused = None
    if request.method == "POST" and row.unpaid:
        try:
            action.run(request, row.order, actor)
        except Refused as error:
            refused, row = error, get_order(membership, number)
        else:
            messages.success(request, action.done % {"number": row.order.number})
            return redirect("order-detail", row.order.number)
    if not row.unpaid:
        return _render_nothing_to_pay(request, row)
    context = {"row": row, "funds": _get_funds(membership.account, row), "refused": refused}
    return render(request, action.template, context, status=refused.status if refused else 200)


def _render_nothing_to_pay(request: HttpRequest, row: OrderNow) -> HttpResponse:
    """Explain the order's state; after a double click or on a stale page, also that nothing was done."""
    return render(request, "orders/nothing_to_pay.html", {"row": row}, status=409 if request.method == "POST" else 200)


def _get_funds(account: Account, row: OrderNow) -> Funds:
    return Funds(get_balance(account), account.currency, row.order)
