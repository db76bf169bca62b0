"""Customers that apply, convert and void at once, and ask again whenever they got no clear answer."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from contracts.models import Contract
from contracts.trail.check_contract import check_contract
from tests.contracts.races.racing import everything_holds
from tests.system.calls import Answer, Caller, Unanswered

PAUSE = 0.1
"""Seconds before a customer asks again."""


@dataclass(frozen=True)
class Failure:
    began: float
    ended: float
    status: int
    """0 where nobody answered."""
    body: bytes


@dataclass
class Load:
    """What was asked and answered. Every thread writes, and all are read when they have ended."""

    answered: list[Answer] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    wanted: dict[str, Sequence[str]] = field(default_factory=dict)
    """Key of an application → its orders."""
    applied: dict[str, Answer] = field(default_factory=dict)
    """Key → the answer, a contract or a refusal."""
    became: dict[str, str] = field(default_factory=dict)
    """Contract number → the status that we were told."""

    def insist(self, call: Callable[[], Answer]) -> tuple[Answer, bool]:
        """The clear answer, and whether it is that to the first call."""
        first = True
        while True:
            began = time.monotonic()
            try:
                answer = call()
            except Unanswered:
                answer = Answer(0, b"")
            if 0 < answer.status < 500:
                self.answered.append(answer)
                return answer, first
            self.failures.append(Failure(began, time.monotonic(), answer.status, answer.body))
            first = False
            time.sleep(PAUSE)

    def apply(self, caller: Caller, key: str) -> Answer:
        body = {"type": "order", "order_numbers": self.wanted[key]}
        return self.insist(lambda: caller.post("/api/v1/contracts/", body, key=key))[0]

    def change(self, caller: Caller, number: str, act: str, status: str) -> None:
        answer, first = self.insist(lambda: caller.post(f"/api/v1/contracts/{number}/{act}/"))
        done_before = answer.status == 409 and not first  # by a call whose answer was lost
        assert answer.status == 200 or done_before, answer.body
        self.became[number] = status


def customer(load: Load, caller: Caller, orders: Sequence[str], name: str, applications: int) -> None:
    """Applies for contracts over orders that others want too, converts most of them and voids some."""
    chance = random.Random(name)
    for i in range(applications):
        key = f"{name}-{i}"
        load.wanted[key] = chance.sample(orders, chance.randint(1, 3))
        answer = load.applied[key] = load.apply(caller, key)
        if answer.status != 201:
            assert answer.json["code"] == "order_in_live_contract", answer.body
            continue
        number = answer.json["number"]
        load.became[number] = "draft"
        act, status = chance.choice([("convert", "official"), ("void", "voided"), ("void", "voided"), ("", "draft")])
        if act:
            load.change(caller, number, act, status)


def everything_is_as_told(load: Load) -> None:
    """Every contract that we were told of is there, as we were told, and there is no other."""
    made = {answer.json["number"]: load.wanted[key] for key, answer in load.applied.items() if answer.status == 201}
    contracts = Contract.objects.filter(type="order")
    assert {contract.number: contract.order_numbers for contract in contracts} == made
    assert {contract.number: contract.status for contract in contracts} == load.became
    everything_holds()
    for contract in contracts.filter(status="official"):
        assert [finding for finding in check_contract(contract) if not finding.sound] == []
