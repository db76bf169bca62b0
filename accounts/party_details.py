"""Party A's details besides its name: asked for once, kept, completed by what is given later (R12)."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError

from accounts.access.actors import Actor
from accounts.models import Account, PartyProfile
from common.errors import Fault, Refused
from common.transactions import in_transaction


def complete_profile(account: Account, given: Mapping[str, str] | None) -> PartyProfile:
    """The account's details with those given now, not saved. Raises Refused naming each that is missing or wrong."""
    known: PartyProfile | None = getattr(account, "profile", None)
    values = known.details() if known else {}
    values |= {name: given[name] for name in PartyProfile.DETAILS if given and name in given}
    profile = PartyProfile(account=account, **values)
    try:
        profile.clean_fields(exclude=["account"])
    except ValidationError as error:
        faults = [
            Fault("invalid", " ".join(messages), f"/party_a/{field}") for field, messages in error.message_dict.items()
        ]
        raise Refused.because(faults) from error
    return profile


def keep(profile: PartyProfile) -> None:
    """Keep the latest details given. One statement, so that two who give the first at once both pass."""
    PartyProfile.objects.bulk_create(
        [profile], update_conflicts=True, unique_fields=["account"], update_fields=PartyProfile.DETAILS
    )


@in_transaction
def keep_party_details(*, details: Mapping[str, str], by: Actor) -> PartyProfile:
    """Change the details that the next contract of the actor's account begins with; earlier contracts keep theirs.

    Raises Refused with a fault at `/party_a/FIELD` for each detail that is missing or wrong.
    """
    by.require_to_act()
    profile = complete_profile(Account.objects.select_related("profile").get(pk=by.own_account.pk), details)
    keep(profile)
    return profile
