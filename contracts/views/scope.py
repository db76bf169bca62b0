"""The one way in which pages get at a contract (R26)."""

from dataclasses import dataclass

from django.shortcuts import get_object_or_404
from django.utils import timezone
from structlog.contextvars import bind_contextvars

from accounts.models import Membership
from contracts.models import Contract
from contracts.services.actions import actions_of


@dataclass(frozen=True, slots=True)
class ContractNow:
    """A contract with what this visitor sees of it at this moment (R21, R32)."""

    contract: Contract
    status: Contract.Status
    actions: list[str]

    @property
    def live(self) -> bool:
        return self.status in Contract.LIVE


def shown(contract: Contract, membership: Membership) -> ContractNow:
    """`contract` carries the facts of `ContractQuerySet.with_facts_at`."""
    actions = actions_of(contract, may_act=membership.may_act)
    return ContractNow(contract, Contract.Status(contract.status_at), actions)


def found(membership: Membership, number: str) -> Contract:
    """The account's contract as it is now. Raises Http404 for any other (R26)."""
    contracts = Contract.objects.of(membership.account).with_facts_at(timezone.now())
    contract = get_object_or_404(contracts, number=number)
    bind_contextvars(contract=contract.number)
    return contract
