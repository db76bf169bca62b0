"""The lifecycle of orders and contracts as plain Python: what the rules say, without database, clock or states."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

TERM = timedelta(days=7)
WANTED = {"order": "paid", "payment_request": "unpaid"}


@dataclass
class ModelOrder:
    number: str
    ordered_at: datetime
    status: str = "unpaid"
    ended_at: datetime | None = None
    """When it was cancelled or refunded."""

    @property
    def deadline(self) -> datetime:
        return self.ordered_at + TERM


@dataclass
class ModelContract:
    number: str
    type: str
    orders: list[ModelOrder]
    drafted_at: datetime
    status: str = "draft"
    invalid_since: datetime | None = None
    official_at: datetime | None = None
    tickets: list[str] = field(default_factory=list)
    """The status of each ticket, oldest first."""

    @property
    def live(self) -> bool:
        return self.status in ("draft", "official")

    @property
    def expires_at(self) -> datetime | None:
        return min(order.deadline for order in self.orders) if self.type == "payment_request" else None


@dataclass
class Model:
    now: datetime
    orders: dict[str, ModelOrder] = field(default_factory=dict)
    contracts: dict[str, ModelContract] = field(default_factory=dict)

    def move(self, to: datetime) -> None:
        """Time alone cancels orders (R10) and ends payment request contracts (R20), whatever the clock does (R21)."""
        self.now = to
        self.settle()

    def settle(self) -> None:
        for order in self.orders.values():
            if order.status == "unpaid" and order.deadline <= self.now:
                order.status, order.ended_at = "cancelled", order.deadline
        for contract in self.contracts.values():
            since = self._ended_at(contract)
            if contract.live and since:
                contract.status, contract.invalid_since = "invalid", since
                contract.tickets = ["lapsed" if ticket == "open" else ticket for ticket in contract.tickets]

    def _ended_at(self, contract: ModelContract) -> datetime | None:
        if contract.expires_at is None:
            return None
        ends = [order.ended_at for order in contract.orders if order.ended_at]
        ends += [contract.expires_at] if contract.expires_at <= self.now else []
        return min(ends, default=None)

    def holder(self, number: str) -> ModelContract | None:
        holding = [c for c in self.contracts.values() if c.live and number in {order.number for order in c.orders}]
        assert len(holding) <= 1  # R7
        return holding[0] if holding else None

    def may_apply(self, type_: str, numbers: list[str]) -> bool:
        return all(self.orders[n].status == WANTED[type_] and not self.holder(n) for n in numbers)

    def may_convert(self, contract: ModelContract) -> bool:
        return contract.status == "draft" and all(o.status == WANTED[contract.type] for o in contract.orders)

    def may_ask(self, contract: ModelContract) -> bool:
        return contract.status == "official" and "open" not in contract.tickets

    def may_decide(self, contract: ModelContract) -> bool:
        return contract.status == "official" and "open" in contract.tickets

    def decide(self, contract: ModelContract, status: str) -> None:
        contract.tickets[contract.tickets.index("open")] = status
