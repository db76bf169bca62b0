from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models import Order


class ContractOrder(models.Model):
    """An order in a contract: reserved while the contract is live (R7), with its snapshot (R23).

    `snapshot` is the order when the contract was drafted (documents/snapshots.py): amounts as decimal strings, times in
    ISO 8601.
    """

    # Has no index of its own: the index of the constraint on contract and order begins with it.
    contract = models.ForeignKey("contracts.Contract", models.PROTECT, related_name="lines", db_index=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="contract_lines")
    snapshot = models.JSONField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("order of a contract")
        verbose_name_plural = _("orders of contracts")
        ordering = ["pk"]
        indexes = [models.Index(fields=["order", "contract"], condition=Q(released_at=None), name="line_that_holds")]
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(released_at=None), name="one_live_contract_an_order"),
            models.UniqueConstraint(fields=["contract", "order"], name="order_once_in_a_contract"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id}: {self.order_id}"
