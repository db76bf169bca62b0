"""Products, and orders with their state machine."""

from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Case, F, JSONField, Q, Value, When
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accounts.models import Account
from common.change_times import ChangeTimeField
from common.money_fields import MoneyField
from common.normal_forms import normalise_code, normalise_identifier, normalise_line
from common.text_fields import CodeField, LineField
from orders.numbers import NUMBER_KEY

PAYMENT_TERM = timedelta(days=7)
"""Time from the order to its payment deadline, unless the order system states another (R10)."""
MAX_PAYMENT_TERM = timedelta(days=366)
"""Maximum time from the order to a stated payment deadline."""


def get_status_label(status: str) -> str:
    """Return the status label in lower case, for use in a sentence."""
    return Order.Status(status).label.lower()


class ProductQuerySet(models.QuerySet["Product"]):
    def named(self, text: str) -> "ProductQuerySet":
        """Return the products with this code or with `text` in their names. There are few, so query orders by id."""
        return self.filter(Q(name__icontains=normalise_line(text)) | Q(code__iexact=normalise_code(text)))


class Product(models.Model):
    code = CodeField(_("product code"), max_length=64, unique=True)
    name = LineField(_("product name"), max_length=200)
    supports_contracts = models.BooleanField(
        _("supports electronic contracts"),
        default=False,
        help_text=_("Orders of this product may enter electronic contracts (R6)."),
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["name"]
        permissions = [("open_product", "Can open products to electronic contracts and close them")]

    def __str__(self) -> str:
        return self.name


class OrderQuerySet(models.QuerySet["Order"]):
    def of(self, account: Account | None) -> "OrderQuerySet":
        """Return the orders visible to a caller: the account's, or all orders for None (integrators, R26)."""
        return self if account is None else self.filter(account=account)

    def with_status_at(self, now: datetime) -> "OrderQuerySet":
        """Annotate `status_at`, the status at `now`: an unpaid order past its deadline is cancelled (R10)."""
        lapsed = When(status=Order.Status.UNPAID, payment_deadline__lte=now, then=Value(Order.Status.CANCELLED))
        return self.annotate(status_at=Case(lapsed, default=F("status"), output_field=models.CharField()))

    def shown_as(self, status: str, now: datetime) -> "OrderQuerySet":
        """Return the orders whose status at `now` is `status`, with a condition that uses indexes (R10)."""
        return self.shown_as_any([status], now)

    def shown_as_any(self, statuses: Collection[str], now: datetime) -> "OrderQuerySet":
        """Return the orders with one of these statuses at `now`: see `shown_as`."""
        return self.filter(reduce(or_, [_is_shown_as(status, now) for status in statuses]))

    def numbered(self, text: str) -> "OrderQuerySet":
        """Return the orders with this number, ignoring case, width, spaces and dashes. Uses an index.

        Several orders match if their numbers differ only in case or dashes.
        """
        return self.alias(number_key=NUMBER_KEY).filter(number_key=normalise_identifier(text))

    def search(self, text: str) -> "OrderQuerySet":
        """Return the orders with this number, else those of matching products, else those with `text` in the number.

        The last step scans all orders of the queryset, so restrict it to one account.
        """
        numbered = self.numbered(text)
        if numbered.exists():
            return numbered
        if products := list(Product.objects.named(text).values_list("pk", flat=True)):
            return self.filter(product__in=products)
        return self.with_part_of_number(text)

    def with_part_of_number(self, text: str) -> "OrderQuerySet":
        """Return the orders with `text` in their number, ignoring case, width, spaces and dashes.

        Scans all orders of the queryset, so restrict it to one account.
        """
        part = normalise_identifier(text)
        return self.alias(number_key=NUMBER_KEY).filter(number_key__contains=part) if part else self.none()

    def past_deadline(self, now: datetime) -> "OrderQuerySet":
        """Return overdue unpaid orders, which the scheduler has yet to cancel (R10)."""
        return self.filter(status=Order.Status.UNPAID, payment_deadline__lte=now)


def _is_shown_as(status: str, now: datetime) -> Q:
    if status == Order.Status.CANCELLED:
        return Q(status=status) | Q(status=Order.Status.UNPAID, payment_deadline__lte=now)
    if status == Order.Status.UNPAID:
        return Q(status=status, payment_deadline__gt=now)
    return Q(status=status)


class Order(models.Model):
    class Status(models.TextChoices):
        UNPAID = "unpaid", _("Unpaid")
        PAID = "paid", _("Paid")
        CANCELLED = "cancelled", _("Cancelled")
        REFUNDED = "refunded", _("Refunded")

    ENDED = (Status.CANCELLED, Status.REFUNDED)
    """Final statuses: such an order cannot enter a contract (R1)."""

    class Kind(models.TextChoices):
        NEW = "new", _("New purchase")
        RENEWAL = "renewal", _("Renewal")
        UPGRADE = "upgrade", _("Upgrade")

    number = CodeField(_("order No."), max_length=64, unique=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="orders", verbose_name=_("account"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="orders", verbose_name=_("product"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    configuration = LineField(_("configuration"), max_length=1000, blank=True)
    region = LineField(_("region"), max_length=100, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"))
    unit = LineField(_("unit"), max_length=16, blank=True, default="", db_default="")
    currency = models.CharField(max_length=3)
    list_amount = MoneyField()
    payable_amount = MoneyField()
    tax_rate = models.DecimalField(
        _("tax rate"), max_digits=7, decimal_places=4, null=True, blank=True, help_text=_("Percent of the net amount.")
    )
    tax_amount = MoneyField(
        _("tax amount"), null=True, blank=True, help_text=_("Included in the payable amount (R35).")
    )
    status = FSMField(max_length=16, choices=Status.choices, default=Status.UNPAID, protected=True)
    ordered_at = models.DateTimeField(_("ordered at"))
    payment_deadline = models.DateTimeField(_("payment deadline"), blank=True, editable=False)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    refunded_at = models.DateTimeField(_("refunded at"), null=True, blank=True)
    service_start = models.DateTimeField(_("service start"), null=True, blank=True)
    service_end = models.DateTimeField(_("service end"), null=True, blank=True)
    cost_center = LineField(_("cost centre"), max_length=64, blank=True, default="", db_default="")
    external_id = LineField(_("external id"), max_length=128, blank=True, default="", db_default="")
    contracted_elsewhere = LineField(
        _("contracted elsewhere"),
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text=_("Reference of a contract that is not kept here. Such an order enters no contract."),
    )
    invoice_numbers = models.JSONField(
        _("invoice numbers"), blank=True, default=list, db_default=Value([], JSONField())
    )
    metadata = models.JSONField(
        _("metadata"), blank=True, default=dict, db_default=Value({}, JSONField()), help_text=_("Not printed.")
    )
    source_updated_at = models.DateTimeField(
        _("changed in the order system"), null=True, blank=True, help_text=_("Messages that are older change nothing.")
    )
    updated_at = ChangeTimeField()

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-ordered_at", "-pk"]
        permissions = [("integrate", "Can read and write the orders of all accounts by API")]
        indexes = [
            models.Index(fields=["account", "status", "paid_at"], name="order_paid_in"),
            models.Index(fields=["account", "status", "ordered_at"], name="order_ordered_in"),
            models.Index(fields=["account", "-ordered_at", "-id"], name="order_newest_first"),
            models.Index(fields=["-ordered_at", "-id"], name="order_newest_of_all"),
            models.Index(fields=["account", "updated_at", "id"], name="order_last_changed"),
            models.Index(fields=["updated_at", "id"], name="order_last_changed_of_all"),
            models.Index(
                fields=["status", "-ordered_at", "-id"], condition=~Q(status="paid"), name="order_newest_not_paid"
            ),
            models.Index(fields=["-paid_at", "-id"], condition=Q(status="paid"), name="order_newest_paid_of_all"),
            models.Index(NUMBER_KEY, name="order_by_number_key"),
            models.Index(fields=["payment_deadline"], condition=Q(status="unpaid"), name="order_deadline_open"),
            models.Index(
                fields=["payment_deadline"],
                condition=Q(status__in=("cancelled", "refunded")),
                name="order_deadline_of_ended",
            ),
            models.Index(
                fields=["id"],
                condition=Q(status__in=("cancelled", "refunded"), paid_at__isnull=False),
                name="order_undone_after_payment",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(payable_amount__gte=0, list_amount__gte=F("payable_amount")), name="order_amounts_sound"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="order_quantity_positive"),
            models.CheckConstraint(
                condition=Q(tax_rate=None, tax_amount=None)
                # A comparison with NULL is unknown, which a check constraint accepts.
                | Q(tax_rate__isnull=False, tax_amount__isnull=False)
                & Q(tax_rate__range=(0, 100), tax_amount__gte=0, tax_amount__lte=F("payable_amount")),
                name="order_tax_sound",
            ),
            models.CheckConstraint(
                condition=Q(payment_deadline__gt=F("ordered_at")), name="order_deadline_after_order"
            ),
            models.CheckConstraint(
                condition=Q(status="unpaid", paid_at=None, cancelled_at=None, refunded_at=None)
                | Q(status="paid", paid_at__isnull=False, cancelled_at=None, refunded_at=None)
                | Q(status="cancelled", cancelled_at__isnull=False, refunded_at=None)
                | Q(status="refunded", paid_at__isnull=False, cancelled_at=None, refunded_at__isnull=False),
                name="order_status_and_times_agree",
            ),
            models.CheckConstraint(
                condition=Q(service_start=None, service_end=None)
                # A comparison with NULL is unknown, which a check constraint accepts.
                | Q(service_start__isnull=False, service_end__isnull=False, service_end__gte=F("service_start")),
                name="order_service_period_sound",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def save(self, *args: object, **kwargs: object) -> None:
        if self.payment_deadline is None:
            self.set_deadline()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def set_deadline(self) -> None:
        """Set the payment deadline from the order time (R10)."""
        self.payment_deadline = self.ordered_at + PAYMENT_TERM

    def has_default_deadline(self) -> bool:
        """Return True if the payment deadline is the one that follows from the order time (R10)."""
        return self.payment_deadline == self.ordered_at + PAYMENT_TERM

    @property
    def net_amount(self) -> Decimal | None:
        """The payable amount without tax, in `currency`; None if the order states no tax (R35)."""
        return None if self.tax_amount is None else self.payable_amount - self.tax_amount

    def lapsed(self, now: datetime) -> bool:
        """Return True if the order was unpaid at its deadline, even if the scheduler has not cancelled it yet (R10)."""
        if self.status == self.Status.CANCELLED:
            return self.paid_at is None and self.cancelled_at == self.payment_deadline
        return self.status == self.Status.UNPAID and self.payment_deadline <= now

    def status_on(self, now: datetime) -> str:
        """Return the status at `now`; like `OrderQuerySet.with_status_at` for one row (R10)."""
        return self.Status.CANCELLED if self.lapsed(now) else self.status

    def unpaid_on(self, now: datetime) -> Decimal:
        """Return the unpaid amount in `currency`: the full amount or zero (R33)."""
        return self.payable_amount if self.status_on(now) == self.Status.UNPAID else Decimal(0)

    def open_to_payment(self: Any) -> bool:
        """Return True if the order is unpaid, or was cancelled at its deadline and the payment may be reported late.

        An order that was cancelled after a payment is not open to payment, even if it was cancelled at its deadline.
        """
        return bool(self.lapsed(self.payment_deadline))

    @transition(status, source=[Status.UNPAID, Status.CANCELLED], target=Status.PAID, conditions=[open_to_payment])
    def pay(self, *, at: datetime) -> None:
        self.paid_at = at
        self.cancelled_at = None

    @transition(status, source=[Status.UNPAID, Status.PAID], target=Status.CANCELLED)
    def cancel(self, *, at: datetime) -> None:
        self.cancelled_at = at

    @transition(status, source=Status.PAID, target=Status.REFUNDED)
    def refund(self, *, at: datetime) -> None:
        self.refunded_at = at
