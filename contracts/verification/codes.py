from dataclasses import replace

from common.normal_forms import normalise_identifier
from contracts.models import ContractDocument
from contracts.verification import findings
from contracts.verification.metrics import counted
from contracts.verification.verdicts import Verdict, contracts_with_status, verdict_on


@counted("code")
def verdict_of_code(text: str) -> Verdict | None:
    """Return the verdict on a printed or typed code, or None if it is unknown.

    Width, case, spaces and punctuation are ignored. `authentic` means that the contract was sealed, whether or not it
    is still in force (R21).
    """
    code = "".join(char for char in normalise_identifier(text) if char.isalnum())
    contracts = contracts_with_status().prefetch_related("documents")
    contract = contracts.filter(verification_code=code).first() if code else None
    if contract is None:
        return None
    sealed_at, issuer = contract.official_at, contract.party_b["name"]
    hashes = {document.kind: document.sha256 for document in contract.documents.all()}
    found = [findings.seal_of_code(sealed_at, issuer=issuer) if sealed_at else findings.draft(issuer=issuer)]
    if sealed_at and contract.is_test:
        found = []  # no seal of the issuer's
    verdict = verdict_on(
        contract,
        authentic=sealed_at is not None,
        sha256=hashes.get(ContractDocument.Kind.OFFICIAL, ""),
        found=found,
        sealed_at=sealed_at,
    )
    return replace(
        verdict,
        total_amount=contract.total_amount,
        currency=contract.currency,
        order_count=contract.order_count,
        party_a_masked=mask_name(contract.party_a["name"]),
        party_b=issuer,
    )


def mask_name(name: str) -> str:
    """Return a name's first and last character with `***` between them (R41), so that its length stays unknown.

    A name of two characters keeps only the first, a name of one character none: both would reveal the whole name.
    """
    first, last = (name[0] if len(name) > 1 else ""), (name[-1] if len(name) > 2 else "")
    return f"{first}***{last}"
