"""Every page of the console, over one account with contracts in each status."""

from dataclasses import dataclass
from typing import Any

from django.urls import resolve, reverse

import accounts.urls
import billing.urls
import contracts.urls
import exports.urls
import orders.urls
import webhooks.urls
from accounts.access.actors import actor_of
from accounts.emails import get_password_link_path
from accounts.invitations import invite_member
from accounts.models import Account, ApiToken, Membership
from contracts import services
from contracts.bulk.batches import create_batch
from contracts.models import Batch, Contract, Selection
from contracts.types import TYPES
from exports.models import Export
from tests import factories
from tests.webhooks.receiving import due, endpoint_of

NO_PAGES = {
    "verify-sealed-part",  # POST only: downloads
    *("home", "verify-root", "account-choose", "contract-reapply", "contract-remarks"),
    *("contract-document", "contract-void-certificate", "contract-evidence", "contract-page"),
    *("contract-export", "contract-download", "order-export", "account-ledger-export", "export-file"),
    *("contract-batches", "contract-decisions"),  # POST only: the confirmation of a batch, and a mark
    "contract-withdraw-approval",  # POST only
    *("account-webhook-test", "account-webhook-switch", "account-webhook-again", "account-webhook-resend"),
    "webhook-addresses-json",
    *("account-member-resend", "account-member-withdraw", "logout", "mfa_login_webauthn"),  # POST only
    *("account-security-end-others", "account-security-end-session"),  # POST only
    *("account_login", "provider", "provider-callback"),  # another name of the sign-in page; they lead elsewhere
    *("account-security-remove", "mfa_authenticate"),  # for people with a second factor: tests/accounts/sign_in
    "account-security-email-confirm",  # by an emailed link: tests/accounts/sign_in
}
"""Names of addresses that answer with a file, lead elsewhere, or are only posted to."""
SIGNED_OUT = [
    "/webhooks/addresses/",
    "/login/",
    "/login/company/",
    "/password/",
    "/password/sent/",
    "/password/MQ/made-up/",
    "/verify/",
]


@dataclass(frozen=True, slots=True)
class Console:
    owner: Membership
    voided: Contract
    reset_link: str
    """Where the owner sets a new password."""
    invitation_link: str
    """Where a person without a user accepts an invitation."""
    reading: list[str]
    """Addresses of the pages that every member may open."""
    acting: list[str]
    """Addresses of the other pages."""

    @property
    def pages(self) -> list[str]:
        return self.reading + self.acting


def furnish(
    *, account: dict[str, Any] | None = None, order: dict[str, Any] | None = None, remarks: str = ""
) -> Console:
    """Fill an account of the user "demo". Needs an issuer.

    `account`: fields of the account's details. `order`: fields of its orders, their number the beginning of one.
    """
    details = factories.PartyProfileFactory(**(account or {}))
    owner = factories.MembershipFactory(account=details.account, user=factories.UserFactory(username="demo"))
    numbers = _Numbers(owner, order or {})

    def draft(type_: str, count: int = 1) -> Contract:
        given = {"type": type_, "order_numbers": numbers.make(type_, count), "remarks": remarks}
        return services.apply_for_contract(by=actor_of(owner, "page"), **given)

    official, request = (
        services.convert_to_official(contract=draft(type_, 3), by=actor_of(owner, "page")) for type_ in TYPES
    )
    voided = services.void_draft(contract=draft("order"), by=actor_of(owner, "page"), reason=remarks)
    drafted = draft("payment_request", 2)
    seen = [f"/contracts/{contract.number}/" for contract in (official, request, voided, drafted)]
    acting = [f"{seen[3]}created/?stay=1", f"{seen[3]}convert/", f"{seen[3]}void/", f"{seen[0]}request-void/"]
    applying, (paid, unpaid) = _applying(owner, numbers)
    seen += [f"/orders/{paid}/", f"/orders/{unpaid}/", f"/verify/?code={official.verification_code}"]
    acting += [f"/orders/{unpaid}/{action}/" for action in ("pay", "pay/balance", "cancel")]
    parts = ["", "ledger/", "members/", "password/", "tokens/", "security/"]
    parts += [f"security/{page}/" for page in ("confirm", "email", "app", "passkey", "recovery-codes")]
    reading = [
        "/contracts/",
        "/contracts/?status=voided",
        "/contracts/?todo=ending&sort=valid_until",
        "/orders/",
        "/help/",
        *(f"/account/{part}" for part in parts),
    ]
    acting += _of_approvals(owner, draft("order", 3), draft("order", 3))
    acting += [*applying, *_of_the_account(owner), *_of_many(owner, drafted)]
    invitation = invite_member(email="new@customer.example", role="finance", by=actor_of(owner, "page"))
    invited = reverse("invitation", args=[invitation.derive_secret()])
    return Console(owner, voided, get_password_link_path(owner.user), invited, [*reading, invited, *seen], acting)


def _of_approvals(owner: Membership, to_request: Contract, to_decide: Contract) -> list[str]:
    """The pages of contracts that need approval, as those over as much do from now on."""
    Account.objects.filter(pk=owner.account_id).update(approval_required_from={"CNY": str(to_decide.total_amount)})
    other = factories.MembershipFactory(account=owner.account, role="finance")
    services.request_approval(contract=to_decide, note="For the new quarter", by=actor_of(other, "page"))
    requested, decided = (f"/contracts/{contract.number}/" for contract in (to_request, to_decide))
    return [requested, decided, f"{requested}approval/", f"{decided}approval/decision/"]


@dataclass(slots=True)
class _Numbers:
    owner: Membership
    fields: dict[str, Any]
    made: int = 100

    def make(self, type_: str, count: int) -> list[str]:
        """The numbers of that many new orders that a contract of the type takes."""
        factory = factories.PaidOrderFactory if type_ == "order" else factories.OrderFactory
        numbers = []
        for _ in range(count):
            self.made += 1
            given = {**self.fields, "number": f"{self.fields.get('number', 'FO')}{self.made}"}
            numbers.append(factory(account=self.owner.account, **given).number)
        return numbers


def _applying(owner: Membership, numbers: _Numbers) -> tuple[list[str], list[str]]:
    """The pages between the type and the draft, and a paid and an unpaid order."""
    addresses, free = ["/contracts/apply/"], []
    for type_ in TYPES:
        [number] = numbers.make(type_, 1)
        selection = Selection.objects.create(
            account=owner.account, user_id=owner.user_id, type=type_, order_numbers=[number]
        )
        picker = f"/contracts/apply/{type_.replace('_', '-')}/"
        addresses += [f"{picker}?order={number}"]
        addresses += [f"{picker}{page}/?selection={selection.pk}" for page in ("confirm", "several")]
        free.append(number)
    return addresses, free


def _of_many(owner: Membership, drafted: Contract) -> list[str]:
    """The pages of a batch and of an export, both of which wait."""
    batch = create_batch(action=Batch.Action.CONVERT, numbers=[drafted.number], by=actor_of(owner, "page"))
    export = Export.objects.create(
        account=owner.account,
        user=owner.user,
        exporter="contracts",
        parameters={},
        format="csv",
        language="en",
        requested_at=drafted.applied_at,
    )
    return [f"/contracts/batches/{batch.pk}/", f"/exports/{export.pk}/"]


def _of_the_account(owner: Membership) -> list[str]:
    webhook = due(endpoint_of(owner.account))
    endpoint = f"/account/webhooks/{webhook.endpoint_id}/"
    token, _secret = ApiToken.for_member(owner, name="procurement")
    parts = [
        "details/",
        "settings/",
        "members/invite/",
        "tokens/create/",
        f"tokens/{token.token_key}/revoke/",
        f"members/{owner.pk}/",
        f"members/{owner.pk}/remove/",
        "certification/",
        "webhooks/",
        "webhooks/new/",
    ]
    own = ["", "edit/", "rotate/", "delete/", f"deliveries/{webhook.pk}/"]
    return [f"/account/{part}" for part in parts] + [endpoint + part for part in own]


def unknown_addresses(console: Console) -> set[str]:
    """Names of addresses that no page of the console and no exception here stands for."""
    parts = (accounts.urls, contracts.urls, orders.urls, billing.urls, exports.urls, webhooks.urls)
    names = {pattern.name for part in parts for pattern in part.urlpatterns}
    known = {resolve(page.partition("?")[0]).url_name for page in [*console.pages, *SIGNED_OUT]}
    return names - known - NO_PAGES
