"""What the vectors are made from: contracts that the project's own services drafted, sealed, voided and let expire."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from unittest import mock

import time_machine
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.access.actors import Actor, actor_of, staff_actor
from contracts.documents import files as documents
from contracts.models import Contract, ContractDocument
from contracts.sealing.levels import SealLevel
from contracts.services import apply_for_contract, approve_void, convert_to_official, request_void
from tests.contracts.vectors import keys
from tests.contracts.vectors.changing import flipped
from tests.contracts.vectors.forging import seal_as, signed_again, with_validation_data
from tests.contracts.vectors.keys import NOON
from tests.contracts.vectors.syntax import with_red_page, with_second_contents
from tests.factories import (
    AccountFactory,
    IssuerFactory,
    MembershipFactory,
    OrderFactory,
    PaidOrderFactory,
    PartyProfileFactory,
    ProductFactory,
    RemittanceAccountFactory,
    UserFactory,
)

Kind = ContractDocument.Kind


@dataclass(frozen=True)
class Kept:
    """A contract and the bytes of its files."""

    contract: Contract
    files: dict[str, bytes]

    @property
    def number(self) -> str:
        return self.contract.number

    @property
    def draft(self) -> bytes:
        return self.files[Kind.DRAFT]

    @property
    def sealed(self) -> bytes:
        return self.files[Kind.OFFICIAL]


@dataclass
class Kit:
    """The contracts by name, and the authority of the configured seal."""

    ours: keys.OurAuthority
    issuer_name: str = ""
    contracts: dict[str, Kept] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Kept:
        return self.contracts[name]


def make_kit(ours: keys.OurAuthority) -> Kit:
    """Make all contracts, in the caller's transaction and in the days up to NOON.

    The numbers and codes are the same each time; keys, signatures and what they date and identify are not.
    """
    kit = Kit(ours)
    agreeing = mock.patch("jobs.trusted_time.database_now", timezone.now)  # its clock is where ours is
    with mock.patch("secrets.choice", random.Random(6).choice), agreeing:
        _Maker(kit).make()
    return kit


class _Maker:
    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.orders = 0

    def make(self) -> None:
        with time_machine.travel(NOON - timedelta(days=8), tick=False):
            self.kit.issuer_name = IssuerFactory().name
            self.product = ProductFactory(code="vectors", name="Elastic Compute")
            self.buyer = self._buyer(1, "北京云杉数据技术有限公司")
            other = self._buyer(2, "Hemlock Logistics Ltd.")
            self._keep("invalid", self._official(self._draft(type="payment_request")))  # ended the day before NOON
        with time_machine.travel(NOON, tick=False):
            self._keep("order", self._official(self._draft()))
            self._keep("request", self._official(self._draft(type="payment_request", count=40, language="both")))
            self._keep("other", self._official(self._draft(by=other, language="zh-hans"), by=other))
            self._keep("unsealed", self._draft())
            self._keep("voided", self._voided(self._official(self._draft(language="both"))))
            for name, seal in self._other_seals().items():
                level = SealLevel.B_T if name.startswith("stamped") else SealLevel.B_B
                self._keep(name, self._official_with(self._draft(), seal, level))

    def _other_seals(self) -> dict[str, Callable[..., bytes]]:
        """Seals set by other means than the services', by the name under which the kit keeps what they sealed."""
        ours = self.kit.ours
        root, like = ours.root, ours.seal
        holders = {
            "former": ours.former,
            "retired": ours.retired,
            "renewed": keys.issue(root, like, key=like.key),
            "revoked": ours.revoked,
            "revoked_since": ours.revoked_since,
            "weak": keys.issue(root, like, key=like.key, non_repudiation=False),
            "expired": keys.issue(root, like, key=like.key, ends=NOON - timedelta(days=30)),
            "early": keys.issue(root, like, key=like.key, begins=NOON + timedelta(days=30)),
            "rogue": keys.issue(keys.another_root(root), like),
            "rival": keys.issue(root, like),
            "bare": None,
        }
        seals: dict[str, Callable[..., bytes]] = {
            name: partial(seal_as, holder=holder) for name, holder in holders.items()
        }
        for name, root_of_time in (("stamped", ours.tsa_root), ("stamped_elsewhere", keys.another_root(ours.tsa_root))):
            seals[name] = partial(seal_as, holder=like, timestamper=keys.timestamper(root_of_time))
        seals["extended"] = lambda draft, **about: with_validation_data(seal_as(draft, like, **about), ours.pinned[0])
        rival = keys.issue(root, like).signer
        seals["painted"] = lambda draft, **about: with_red_page(seal_as(draft, like, **about))
        seals["ambiguous"] = lambda draft, **about: with_second_contents(seal_as(draft, like, **about))
        seals["signed_again"] = lambda draft, **about: signed_again(seal_as(draft, like, **about), rival)
        seals["newline"] = lambda draft, **about: seal_as(draft, like, **about) + b"\n"
        seals["changed"] = lambda draft, **about: flipped(seal_as(draft, like, **about), len(draft) // 2)
        return seals

    def _buyer(self, n: int, name: str) -> Actor:
        account = AccountFactory(number=f"{30000000 + n}", certified_name=name)
        PartyProfileFactory(account=account)
        RemittanceAccountFactory(account=account, account_number=f"12190000999900{n:04d}")
        return actor_of(MembershipFactory(user=UserFactory(username=f"vectors-{n}"), account=account), "page")

    def _draft(self, *, by: Actor | None = None, type: str = "order", count: int = 1, language: str = "en") -> Contract:  # noqa: A002
        by = by or self.buyer
        numbers = []
        for _ in range(count):
            self.orders += 1
            make = PaidOrderFactory if type == "order" else OrderFactory
            amount = Decimal(1000 + 37 * self.orders)
            order = make(
                number=f"FO{900000000 + self.orders}",
                account=by.account,
                product=self.product,
                list_amount=amount,
                payable_amount=amount - Decimal("0.50"),
            )
            numbers.append(order.number)
        return apply_for_contract(type=type, order_numbers=numbers, language=language, by=by)

    def _official(self, draft: Contract, *, by: Actor | None = None) -> Contract:
        return convert_to_official(contract=draft, by=by or self.buyer)

    def _official_with(self, draft: Contract, seal: Callable[..., bytes], level: SealLevel) -> Contract:
        """As if the services had been fooled into taking it for a seal of ours."""
        with mock.patch.multiple("contracts.sealing", seal=seal, validate_seal=lambda *_, **__: level):
            return self._official(draft)

    def _voided(self, contract: Contract) -> Contract:
        decider = UserFactory(username="vectors-finance", is_staff=True)
        decider.user_permissions.add(Permission.objects.get(codename="decide_voidticket"))
        ticket = request_void(contract=contract, reason="ordered twice", by=self.buyer)
        decided = approve_void(ticket=ticket, by=staff_actor(decider, "contracts.decide_voidticket"))
        return decided.contract

    def _keep(self, name: str, contract: Contract) -> None:
        files = {document.kind: documents.read(document) for document in contract.documents.all()}
        self.kit.contracts[name] = Kept(contract, files)
