"""Contract types: the only package that knows how they differ. A new type is a module like `order.py`, its clauses and
an entry in TYPES.
"""

from contracts.types.base import ContractType
from contracts.types.order import ORDER
from contracts.types.payment_request import PAYMENT_REQUEST

TYPES: dict[str, ContractType] = {type_.value: type_ for type_ in (ORDER, PAYMENT_REQUEST)}
CHOICES = [(type_.value, type_.label) for type_ in TYPES.values()]

# Stored values, for conditions in SQL.
EXPIRING = tuple(type_.value for type_ in TYPES.values() if type_.expires)
ASKING_FOR_PAYMENT = tuple(type_.value for type_ in TYPES.values() if type_.asks_for_payment)
REMINDING_OF_DRAFTS = tuple(type_.value for type_ in TYPES.values() if type_.reminds_of_drafts)

__all__ = [
    "ASKING_FOR_PAYMENT",
    "CHOICES",
    "EXPIRING",
    "ORDER",
    "PAYMENT_REQUEST",
    "REMINDING_OF_DRAFTS",
    "TYPES",
    "ContractType",
]
