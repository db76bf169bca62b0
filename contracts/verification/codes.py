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
    sealed_at = contract.official_at
    hashes = {document.kind: document.sha256 for document in contract.documents.all()}
    return verdict_on(
        contract,
        authentic=sealed_at is not None,
        sha256=hashes.get(ContractDocument.Kind.OFFICIAL, ""),
        found=[findings.seal_of_code(sealed_at) if sealed_at else findings.draft(sealed_at=None)],
        sealed_at=sealed_at,
    )
