"""Decide whether a file is authentic, and find out what is wrong if not."""

import hashlib
import logging
import re
from dataclasses import replace
from itertools import islice

from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import Refused
from contracts.models import ContractDocument
from contracts.sealing import refuse_if_seal_unavailable
from contracts.sealing.trust import Trust, trust
from contracts.verification import findings
from contracts.verification.copies import find_complete_file, is_damaged_copy
from contracts.verification.findings import Code, Finding, finding
from contracts.verification.metrics import counted
from contracts.verification.sandbox import Busy, Facts, read_in_sandbox
from contracts.verification.sandbox.reading import Certificate, SignatureFacts, read_facts
from contracts.verification.uploads import MAX_UPLOAD_BYTES
from contracts.verification.verdicts import Verdict, contracts_with_status, verdict_on

MAX_REVISIONS = 16
"""Maximum PDF revisions that are looked up. Our files have up to five, and nothing can be put before ours."""
HEADER_SEARCH_BYTES = 1024
"""PDF readers look for the header in this many bytes at the start, and for startxref at the end."""

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
    whole file, apart from later additions that it permits. Takes two or three statements and about 20 ms; for hostile
    files, up to the limits of the sandbox. Raises Refused: `seal_unavailable` if our roots cannot be read or no process
    can be started, `verifier_busy`.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    if len(content) > MAX_UPLOAD_BYTES:
        return Verdict(authentic=False, sha256=sha256, findings=[finding(Code.TOO_LARGE)])
    if b"%PDF-" not in content[:HEADER_SEARCH_BYTES]:
        headless = b"startxref" in content[-HEADER_SEARCH_BYTES:]
        found = finding(Code.UNREADABLE if headless else Code.NOT_PDF)
        return Verdict(authentic=False, sha256=sha256, findings=[found])
    known = _registered_documents(content, sha256)
    with refuse_if_seal_unavailable(_unavailable()):
        trusted = trust()
    if exact := next((document for document in known if document.sha256 == sha256), None):
        return _registered_file(exact, content, trusted)
    facts = _facts(content, trusted)
    return replace(_unregistered_file(content, sha256, known, facts), cpu_seconds=facts.cpu_seconds)


def _facts(content: bytes, trusted: Trust) -> Facts:
    try:
        return read_in_sandbox(content, trusted, now=timezone.now())
    except Busy as busy:
        raise Refused("verifier_busy", _("Too many files are being verified right now. Try again shortly.")) from busy
    except OSError as error:
        log.exception("no file can be verified: the reading process does not start")
        raise Refused("seal_unavailable", _unavailable()) from error


def _unavailable() -> str:
    return _("Files cannot be verified right now. Try again shortly, or verify by the code printed on the document.")


def _registered_documents(content: bytes, sha256: str) -> list[ContractDocument]:
    """Return the registered documents that `content` is or begins with, longest first."""
    hashes = {sha256}
    so_far, done = hashlib.sha256(), 0
    for end in islice(END_OF_REVISION.finditer(content), MAX_REVISIONS):
        so_far.update(content[done : end.end()])
        done = end.end()
        hashes.add(so_far.hexdigest())
    return sorted(ContractDocument.objects.filter(sha256__in=hashes), key=lambda document: -document.size)


def _registered_file(document: ContractDocument, content: bytes, trusted: Trust) -> Verdict:
    """Return the verdict on a registered file. It is our own, so it is read in this process."""
    contract = contracts_with_status().get(pk=document.contract_id)
    if not document.sealed:
        found = [findings.draft(sealed_at=contract.official_at)]
        return verdict_on(contract, authentic=False, sha256=document.sha256, found=found, sealed_at=None)
    at, now = document.created_at, timezone.now()
    if wrong := _wrong_with(read_facts(content, trusted, now=now, at=at)):
        return verdict_on(contract, authentic=False, sha256=document.sha256, found=wrong, sealed_at=None)
    found = [findings.sealed(at), *_revoked_since(read_facts(content, trusted, now=now, at=now))]
    if document.kind == ContractDocument.Kind.VOID_CERTIFICATE:
        found.append(finding(Code.VOID_CERTIFICATE))
    return verdict_on(contract, authentic=True, sha256=document.sha256, found=found, sealed_at=at)


def _unregistered_file(content: bytes, sha256: str, known: list[ContractDocument], facts: Facts) -> Verdict:
    wrong = _wrong_with(facts)
    if sealed := next((document for document in known if document.sealed), None):
        besides = [one for one in wrong if one.code in (Code.SEVERAL_SIGNATURES, Code.TOO_COMPLEX)]
        return _part_of(sealed, sha256, [finding(Code.APPENDED), *besides])
    if whole := find_complete_file(content, known):
        if not wrong:
            return _part_of(whole, sha256, [finding(Code.OLDER_LEVEL)])
        return Verdict(authentic=False, sha256=sha256, findings=[finding(Code.TRUNCATED)])
    ours = bool(facts.signatures) and facts.signatures[0].certificate != Certificate.NOT_OURS
    if is_damaged_copy(content, known):
        wrong = [finding(Code.CHANGED)]
    elif ours and not facts.signatures[0].whole:  # the part that the signature covers is not one of our files
        wrong = [finding(Code.CHANGED), *(one for one in wrong if one.code not in (Code.CHANGED, Code.APPENDED))]
    elif ours and facts.signatures[0].intact:
        wrong.append(finding(Code.NOT_REGISTERED))
    return Verdict(authentic=False, sha256=sha256, findings=wrong)


def _part_of(document: ContractDocument, sha256: str, found: list[Finding]) -> Verdict:
    """Return the verdict on a file that contains the sealed part of `document`. It may name the contract."""
    contract = contracts_with_status().get(pk=document.contract_id)
    return verdict_on(contract, authentic=False, sha256=sha256, found=found, sealed_at=document.created_at)


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


def _revoked_since(facts: Facts) -> list[Finding]:
    """Return whether the sealing certificate has been revoked since. Expiry since then does not matter."""
    return [
        findings.revoked_since(signature.revoked_at)
        for signature in facts.signatures
        if signature.certificate == Certificate.REVOKED and signature.revoked_at
    ]
