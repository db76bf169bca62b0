"""Party A's details apart from its name: entered once, stored, and updated by later entries (R12)."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError

from accounts.access.actors import Actor
from accounts.models import Account, PartyProfile
from common.errors import Fault, Refused
from common.transactions import in_transaction


def complete_profile(account: Account, given: Mapping[str, str] | None) -> PartyProfile:
    """Merge `given` into the stored details, without saving. Raises Refused with a fault for each invalid detail."""
    stored: PartyProfile | None = getattr(account, "profile", None)
    values = stored.details() if stored else {}
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


def store_profiles(profiles: Sequence[PartyProfile]) -> None:
    """Store the details with an upsert, so that two simultaneous first entries both succeed."""
    PartyProfile.objects.bulk_create(
        profiles, update_conflicts=True, unique_fields=["account"], update_fields=PartyProfile.DETAILS
    )


@in_transaction
def store_party_details(*, details: Mapping[str, str], by: Actor) -> PartyProfile:
    """Change the details that prefill the next contract of the actor's account. Existing contracts stay unchanged.

    Raises Refused with a fault at `/party_a/FIELD` for each missing or invalid detail.
    """
    by.require_to_act()
    profile = complete_profile(Account.objects.select_related("profile").get(pk=by.own_account.pk), details)
    store_profiles([profile])
    return profile
