import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from contracts.models.batch import Batch
from contracts.models.contract import Contract
from contracts.types import CHOICES, TYPES, ContractType


class Selection(models.Model):
    """The orders picked so far for a contract.

    Stored, with its id in the URL, so that it survives paging, searching and signing in again (R14), and because 200
    order numbers do not fit in a request line.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    type = models.CharField(max_length=16, choices=CHOICES)
    order_numbers = models.JSONField(default=list)
    copied_from = models.ForeignKey(
        Contract,
        models.CASCADE,
        null=True,
        related_name="+",
        help_text=_("The contract that this selection was copied from."),
    )
    contract = models.ForeignKey(
        Contract, models.CASCADE, null=True, related_name="+", help_text=_("The contract drafted from this selection.")
    )
    batch = models.ForeignKey(
        Batch,
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text=_("The batch that creates several drafts from this selection."),
    )
    typed = models.JSONField(default=dict)
    """Unsent input of the confirm page, by field; empty once the contract is drafted (R14)."""
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.type}: {len(self.order_numbers)}"

    @property
    def contract_type(self) -> ContractType:
        return TYPES[self.type]
