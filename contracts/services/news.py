"""What emails about a contract are given to say (emails/letters.py)."""

from django.urls import reverse

from contracts.models import Contract


def facts_of(contract: Contract, **more: str) -> dict[str, str]:
    """The facts of a notice about this contract; times among them are ISO 8601 with offset."""
    return {"contract": contract.number, "path": reverse("contract-detail", args=[contract.number]), **more}
