"""Fetch contracts for pages. No page uses any other way (R26)."""

from dataclasses import dataclass

from django.shortcuts import get_object_or_404
from django.utils import timezone
from structlog.contextvars import bind_contextvars

from accounts.access.actors import actor_of
from accounts.models import Membership
from contracts.models import Contract
from contracts.services.actions import get_actions


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract with its current status and this member's actions (R21, R32)."""

    contract: Contract
    status: Contract.Status
    actions: list[str]

    @property
    def live(self) -> bool:
        return self.status in Contract.LIVE


def row_for(contract: Contract, membership: Membership) -> ContractRow:
    """Return the row. `contract` has the annotations of `ContractQuerySet.with_facts_at`."""
    actions = get_actions(contract, by=actor_of(membership, "page"))
    return ContractRow(contract, Contract.Status(contract.status_at), actions)


def get_contract(membership: Membership, number: str) -> Contract:
    """Return the account's contract with its current status. Raises Http404 for any other (R26)."""
    contracts = Contract.objects.of(membership.account).with_facts_at(timezone.now())
    contract = get_object_or_404(contracts, number=number)
    bind_contextvars(contract=contract.number)
    return contract
