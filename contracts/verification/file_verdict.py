"""Decide whether a file is authentic, and find out what is wrong if not."""

import hashlib
import logging
import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import Refused
from contracts.models import Contract, ContractDocument
from contracts.seal_keys import trust_for
from contracts.sealing import refuse_if_seal_unavailable
from contracts.sealing.levels import SealLevel
from contracts.sealing.trust import Trust
from contracts.verification import findings
from contracts.verification.copies import find_complete_file, find_original, is_damaged_copy
from contracts.verification.findings import Code, Finding, finding
from contracts.verification.metrics import counted
from contracts.verification.sandbox import Busy, Facts, Problem, read_in_sandbox
from contracts.verification.sandbox.reading import NOT_OURS, ZIP_START, Certificate, SignatureFacts, read_facts
from contracts.verification.uploads import MAX_UPLOAD_BYTES, too_large_message
from contracts.verification.verdicts import Verdict, contracts_with_status, verdict_on

MAX_REVISIONS = 16
"""Maximum PDF revisions that are looked up. Our files have up to five, and nothing can be put before ours."""
HEADER = b"%PDF-"
MAX_HEADERS = 4
"""Maximum headers in an unreadable file behind which a sealed document is looked up."""
HEADER_SEARCH_BYTES = 1024
"""PDF readers look for the header in this many bytes at the start, and for startxref at the end."""

WRONG_BESIDES_ADDITIONS = (Code.SEVERAL_SIGNATURES, Code.TOO_COMPLEX, Code.CERTIFICATE_REVOKED)
NO_FACTS = Facts()
TIMESTAMPED = frozenset(level for level in SealLevel if level.has_timestamp)
CERTIFICATE_CODES = {
    Certificate.OUT_OF_TIME: Code.CERTIFICATE_EXPIRED,
    Certificate.REVOKED: Code.CERTIFICATE_REVOKED,
}
END_OF_REVISION = re.compile(rb"%%EOF\r?\n?")

log = logging.getLogger(__name__)


@counted("file")
def verdict_of_file(content: bytes) -> Verdict:
    """Return the verdict on any file. Nothing of the file is stored or logged.

    A file is authentic if its SHA-256 is registered for a sealed document; its only signature is valid (by pyHanko, as
    of the time of registration, under the roots pinned in contracts/sealing/trust.py); and that signature covers the
    whole file, apart from later additions that it permits. Takes three or four statements and about 10 ms; for hostile
    files, up to the limits of the sandbox. Raises Refused: `seal_unavailable` if our roots cannot be read or no process
    can be started, `verifier_busy`.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    if len(content) > MAX_UPLOAD_BYTES:
        return Verdict(authentic=False, sha256=sha256, findings=[Finding(Code.TOO_LARGE, too_large_message())])
    if content.startswith(ZIP_START):
        return _archive(content, sha256)
    begin = content.find(HEADER)
    if begin > 0 and (sealed := _sealed(_registered_documents(content[begin:]))):
        return _part_of(sealed, sha256, Code.PREFIXED)
    if not 0 <= begin < HEADER_SEARCH_BYTES:
        headless = b"startxref" in content[-HEADER_SEARCH_BYTES:]
        return _useless(sha256, Code.UNREADABLE if headless else Code.NOT_PDF)
    known = _registered_documents(content)
    if exact := next((document for document in known if document.sha256 == sha256), None):
        return _registered_file(exact, content)
    sealed = _sealed(known)
    facts = _facts(content, is_test=sealed is not None and sealed.contract.is_test)
    return replace(_unregistered_file(content, sha256, known, facts), cpu_seconds=facts.cpu_seconds)


def _useless(sha256: str, code: Code) -> Verdict:
    return Verdict(authentic=False, sha256=sha256, findings=[finding(code)])


def _archive(content: bytes, sha256: str) -> Verdict:
    """Return the verdict on a ZIP archive. If its only file is a sealed document, the verdict may name the contract."""
    facts = _facts(content)
    registered = ContractDocument.objects.filter(sha256=facts.archived_sha256) if facts.archived_sha256 else ()
    if sealed := _sealed(registered):
        verdict = _part_of(sealed, sha256, Code.IN_ARCHIVE)
    else:
        verdict = _useless(sha256, Code.TOO_COMPLEX if facts.problem == Problem.TOO_COMPLEX else Code.NOT_PDF)
    return replace(verdict, cpu_seconds=facts.cpu_seconds)


def _trust(*, is_test: bool) -> Trust:
    with refuse_if_seal_unavailable(_unavailable()):
        return trust_for(is_test=is_test)


def _facts(content: bytes, *, is_test: bool = False) -> Facts:
    """Read a file in the sandbox. `is_test`: it begins with a sealed document of a test account (R48)."""
    trusted = _trust(is_test=is_test)
    try:
        return read_in_sandbox(content, trusted, now=timezone.now())
    except Busy as busy:
        raise Refused("verifier_busy", _("Too many files are being verified right now. Try again shortly.")) from busy
    except OSError as error:
        log.exception("no file can be verified: the reading process does not start")
        raise Refused("seal_unavailable", _unavailable()) from error


def _unavailable() -> str:
    return _("Files cannot be verified right now. Try again shortly, or verify by the code printed on the document.")


def _registered_documents(content: bytes) -> list[ContractDocument]:
    """Return the registered documents that `content` is or begins with, longest first."""
    hashes = set()
    so_far, done = hashlib.sha256(), 0
    for end in islice(END_OF_REVISION.finditer(content), MAX_REVISIONS):
        so_far.update(content[done : end.end()])
        done = end.end()
        hashes.add(so_far.hexdigest())
    so_far.update(content[done:])
    hashes.add(so_far.hexdigest())
    documents_known = ContractDocument.objects.select_related("contract").filter(sha256__in=hashes)
    return sorted(documents_known, key=lambda document: -document.size)


def _find_sealed_behind_header(content: bytes) -> ContractDocument | None:
    """Return the sealed document that begins at a later header of `content`."""
    headers = islice(re.finditer(HEADER, content), 1, MAX_HEADERS)
    found = (_sealed(_registered_documents(content[header.start() :])) for header in headers)
    return next(filter(None, found), None)


def _sealed(documents: Iterable[ContractDocument]) -> ContractDocument | None:
    return next((document for document in documents if document.sealed), None)


def _registered_file(document: ContractDocument, content: bytes) -> Verdict:
    """Return the verdict on a registered file. It is our own, so it is read in this process."""
    contract = contracts_with_status().get(pk=document.contract_id)
    issuer = contract.party_b["name"]
    if not document.sealed:
        found = [findings.draft(issuer=issuer, sealed_at=contract.official_at)]
        return verdict_on(contract, authentic=False, sha256=document.sha256, found=found, sealed_at=None)
    at = document.created_at
    facts = read_facts(content, _trust(is_test=contract.is_test), now=timezone.now(), at=at)
    if wrong := _wrong_with(facts):
        return verdict_on(contract, authentic=False, sha256=document.sha256, found=wrong, sealed_at=None)
    sealed = [] if contract.is_test else [findings.sealed(at, issuer=issuer)]
    found = [*sealed, *_revoked_since(facts, issuer=issuer)]
    if document.kind == ContractDocument.Kind.VOID_CERTIFICATE:
        found.append(finding(Code.VOID_CERTIFICATE))
    return verdict_on(contract, authentic=True, sha256=document.sha256, found=found, sealed_at=at)


def _unregistered_file(content: bytes, sha256: str, known: list[ContractDocument], facts: Facts) -> Verdict:
    wrong = _wrong_with(facts)
    if sealed := _sealed(known):
        return _sealed_with_additions(sealed, sha256, facts, [one.code for one in wrong])
    if facts.problem == Problem.UNREADABLE and (inner := _find_sealed_behind_header(content)):
        return _part_of(inner, sha256, Code.PREFIXED)
    if whole := find_complete_file(content, known):
        return _useless(sha256, Code.TRUNCATED) if wrong else _part_of(whole, sha256, Code.OLDER_LEVEL)
    first = facts.signatures[0] if facts.signatures else NOT_OURS
    ours = first.certificate != Certificate.NOT_OURS
    if is_damaged_copy(content, known):
        wrong = [finding(Code.CHANGED)]
    elif ours and not first.whole:  # the part that the signature covers is not one of our files
        wrong = [finding(Code.CHANGED), *(one for one in wrong if one.code not in (Code.CHANGED, Code.APPENDED))]
    elif ours and first.intact and (original := find_original(content, known)):
        lost_timestamp = original.level in TIMESTAMPED and not first.timestamped
        wrong.insert(0, finding(Code.TIMESTAMP_REMOVED if lost_timestamp else Code.CHANGED))
    elif ours and first.intact:
        wrong.append(finding(Code.NOT_REGISTERED))
    return Verdict(authentic=False, sha256=sha256, findings=wrong)


def _sealed_with_additions(sealed: ContractDocument, sha256: str, facts: Facts, wrong: list[Code]) -> Verdict:
    """Return the verdict on a file that begins with a sealed document; `wrong` is what is wrong with all of it."""
    if wrong == [Code.CERTIFICATE_REVOKED]:  # the additions themselves are permitted
        codes = wrong
    elif wrong:
        codes = [Code.APPENDED, *(code for code in wrong if code in WRONG_BESIDES_ADDITIONS)]
    else:
        codes = [Code.ADDED_LATER]
    verdict = _part_of(sealed, sha256, *codes, facts=facts)
    is_offered = Code.CERTIFICATE_REVOKED not in wrong and not _is_voided(sealed, verdict)
    return replace(verdict, sealed_part=sealed if is_offered else None)


def _part_of(document: ContractDocument, sha256: str, *codes: Code, facts: Facts = NO_FACTS) -> Verdict:
    """Return the verdict on a file that contains the sealed part of `document`. It may name the contract."""
    contract = contracts_with_status().get(pk=document.contract_id)
    issuer = contract.party_b["name"]
    found = [*(finding(code, issuer=issuer) for code in codes), *_revoked_since(facts, issuer=issuer)]
    return verdict_on(contract, authentic=False, sha256=sha256, found=found, sealed_at=document.created_at)


def _is_voided(document: ContractDocument, verdict: Verdict) -> bool:
    """Return True for the official document of a voided contract, of which nobody gets a copy (R18)."""
    return document.kind == ContractDocument.Kind.OFFICIAL and verdict.status == Contract.Status.VOIDED


def _wrong_with(facts: Facts) -> list[Finding]:
    """Return what is wrong with a file; nothing if our single seal is sound and covers the whole file."""
    if facts.problem:
        return [finding(Code(facts.problem))]
    if not facts.signatures:
        return [finding(Code.NO_SEAL)]
    found = _wrong_with_signature(facts.signatures[0])
    if facts.count > 1:
        found.append(finding(Code.SEVERAL_SIGNATURES))
    return found


def _wrong_with_signature(signature: SignatureFacts) -> list[Finding]:
    """Return what is wrong with the first signature. Ours is always the first."""
    if signature.certificate == Certificate.NOT_OURS:
        return [finding(Code.NOT_OURS)]
    found = []
    if not signature.intact:
        found.append(finding(Code.CHANGED))
    elif not signature.whole:
        found.append(finding(Code.APPENDED))
    if signature.certificate in CERTIFICATE_CODES:
        found.append(finding(CERTIFICATE_CODES[signature.certificate]))
    elif not found and not signature.sound:
        found.append(finding(Code.TIMESTAMP))
    return found


def _revoked_since(facts: Facts, *, issuer: str) -> list[Finding]:
    """Return whether the certificate was revoked after sealing. Expiry since then does not matter."""
    return [
        findings.revoked_since(signature.revoked_at, issuer=issuer)
        for signature in facts.signatures[:1]
        if signature.revoked_at and signature.certificate == Certificate.OURS
    ]
