"""What the vendor states about an account, and its effect on the account. Uses no database."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.certification.requests import find_identity_faults
from accounts.models import Account
from common.errors import Fault, Refused
from common.normal_forms import normalise_code, normalise_identifier, normalise_line

NUMBER_PATTERN = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}")
"""Numbers of new accounts, which are part of URLs."""
Certification = Account.Certification
MEMBERS = {"certified_name": "name", "certification": "kind", "is_test": "test"}
"""Field of the account → member of the row, where the names differ."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as the vendor states it. None leaves a value as it is; a new account then gets the default.

    `kind`: the certification that the vendor has verified elsewhere; by default `enterprise` for a new account, and for
    an uncertified one that gets a name.
    `is_test`: whether it is a test account (R48).
    `party_a`: Party A's details to set (R12). `owner`: `username` and `email` of the person who becomes the owner if
    the account has none.
    """

    number: str
    name: str | None = None
    currency: str | None = None
    kind: str | None = None
    credit_code: str | None = None
    time_zone: str | None = None
    is_test: bool | None = None
    party_a: Mapping[str, str] = field(default_factory=dict)
    owner: Mapping[str, str] | None = None


def build_account(row: AccountRow) -> Account:
    """Return a new, unsaved account. Raises Refused with a fault for each wrong value."""
    account = Account(number=normalise_code(row.number))
    faults = _set_values(account, row, kind=row.kind or Certification.ENTERPRISE)
    if not NUMBER_PATTERN.fullmatch(account.number):
        detail = _("An account number has 1 to 32 letters, digits and . _ - and begins with a letter or digit.")
        faults.insert(0, Fault("invalid", detail, "/number"))
    if not row.currency:
        faults.append(Fault("invalid", _("State the currency of the account."), "/currency"))
    if faults:
        raise Refused.because(faults)
    return account


def update_account(account: Account, row: AccountRow) -> list[str]:
    """Set the row's values on the account, without saving. Return the names of the fields that changed.

    Raises Refused: `invalid` with a fault for each wrong value; `transition_not_allowed` for another currency.
    """
    before = {name: getattr(account, name) for name in _get_fields()}
    is_named = row.name and account.certification == Certification.NONE
    default = Certification.ENTERPRISE if is_named else account.certification
    faults = _set_values(account, row, kind=row.kind or default)
    if account.currency != before["currency"]:
        detail = _("The currency of an account cannot change: it is %(currency)s.") % {"currency": before["currency"]}
        faults.append(Fault("transition_not_allowed", detail, "/currency"))
    if faults:
        raise Refused.because(faults)
    return [name for name, value in before.items() if getattr(account, name) != value]


def _get_fields() -> tuple[str, ...]:
    return ("certification", "certified_name", "credit_code", "currency", "time_zone", "is_test")


def _set_values(account: Account, row: AccountRow, *, kind: str) -> list[Fault]:
    account.currency = account.currency if row.currency is None else normalise_code(row.currency)
    account.time_zone = account.time_zone if row.time_zone is None else normalise_line(row.time_zone)
    account.is_test = account.is_test if row.is_test is None else row.is_test
    faults = [
        Fault("invalid", " ".join(messages), f"/{MEMBERS.get(name, name)}")
        for name, messages in _clean(account, {"currency": row.currency, "time_zone": row.time_zone}).items()
    ]
    if kind == Certification.NONE:
        return faults + _remove_certification(account, row)
    name = account.certified_name if row.name is None else normalise_line(row.name)
    code = account.credit_code if row.credit_code is None else normalise_identifier(row.credit_code)
    if kind == Certification.PERSONAL and row.credit_code is None:
        code = ""
    account.certification, account.certified_name, account.credit_code = kind, name, code
    return faults + find_identity_faults(kind, name, code, needs_code=False)


def _remove_certification(account: Account, row: AccountRow) -> list[Fault]:
    detail = _("An account without certification has no certified name and no code. Leave it out.")
    wrong = [name for name, value in (("name", row.name), ("credit_code", row.credit_code)) if value]
    account.certification, account.certified_name, account.credit_code = Certification.NONE, "", ""
    return [Fault("invalid", detail, f"/{name}") for name in wrong]


def _clean(account: Account, given: Mapping[str, str | None]) -> dict[str, list[str]]:
    """Return the messages of the given fields that are wrong, by name."""
    checked = {name for name, value in given.items() if value is not None}
    others = [field.name for field in account._meta.fields if field.name not in checked]
    try:
        account.clean_fields(exclude=others)
    except ValidationError as error:
        return error.message_dict
    return {}
