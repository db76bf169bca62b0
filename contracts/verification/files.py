"""The rule by which a file is called authentic, and what is said of one that is not."""

import hashlib
import logging
import re
from dataclasses import replace
from itertools import islice

from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import Refused
from contracts.models import ContractDocument
from contracts.sealing import told_in_the_log
from contracts.sealing.trust import Trust, trust
from contracts.verification import findings
from contracts.verification.copies import is_damaged_copy, that_begins_with
from contracts.verification.findings import Code, Finding, finding
from contracts.verification.metrics import counted
from contracts.verification.sandbox import Busy, Facts, facts_of_foreign
from contracts.verification.sandbox.reading import Certificate, SignatureFacts, facts_of
from contracts.verification.verdicts import Verdict, contracts_now, verdict_on

MAX_SIZE = 20 * 1024 * 1024
"""Bytes; and not one more."""
MOST_REVISIONS = 16
"""Ends of revisions that are looked at. Our files have up to five, and none can be put before ours."""
PDF_WITHIN = 1024
"""Readers accept a file whose %PDF is in so many bytes."""

LOST = {
    Certificate.OUT_OF_TIME: Code.CERTIFICATE_EXPIRED,
    Certificate.REVOKED: Code.CERTIFICATE_REVOKED,
}
END_OF_REVISION = re.compile(rb"%%EOF\r?\n?")

log = logging.getLogger(__name__)


@counted("file")
def verdict_of_file(content: bytes) -> Verdict:
    """The verdict on a file of anybody's. Nothing of it is kept or logged.

    Authentic takes all of these: its SHA-256 is registered for a sealed document; its one signature is valid, by
    pyHanko, as of the time of registration under the roots that contracts/sealing/trust.py pins; that covers all of it,
    but for later additions which the signature allows. Two statements, or three; about 20 ms, and for a hostile file up
    to the limits of the sandbox. Raises Refused: `seal_unavailable` where our roots cannot be read or no process be
    started, `verifier_busy`.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    if len(content) > MAX_SIZE:
        return Verdict(authentic=False, sha256=sha256, findings=[finding(Code.TOO_LARGE)])
    if b"%PDF-" not in content[:PDF_WITHIN]:
        headless = b"startxref" in content[-PDF_WITHIN:]
        found = finding(Code.UNREADABLE if headless else Code.NOT_PDF)
        return Verdict(authentic=False, sha256=sha256, findings=[found])
    known = _registered(content, sha256)
    with told_in_the_log(_unavailable()):
        trusted = trust()
    if exact := next((document for document in known if document.sha256 == sha256), None):
        return _registered_file(exact, content, trusted)
    facts = _facts(content, trusted)
    return replace(_unregistered_file(content, sha256, known, facts), cpu_seconds=facts.cpu_seconds)


def _facts(content: bytes, trusted: Trust) -> Facts:
    try:
        return facts_of_foreign(content, trusted, now=timezone.now())
    except Busy as busy:
        raise Refused("verifier_busy", _("Too many files are being verified right now. Try again shortly.")) from busy
    except OSError as error:
        log.exception("no file can be verified: the reading process does not start")
        raise Refused("seal_unavailable", _unavailable()) from error


def _unavailable() -> str:
    return _("Files cannot be verified at the moment. Try again shortly, or verify by the code that is printed on it.")


def _registered(content: bytes, sha256: str) -> list[ContractDocument]:
    """The registered documents that `content` is, or begins with; the longest first."""
    hashes = {sha256}
    so_far, done = hashlib.sha256(), 0
    for end in islice(END_OF_REVISION.finditer(content), MOST_REVISIONS):
        so_far.update(content[done : end.end()])
        done = end.end()
        hashes.add(so_far.hexdigest())
    return sorted(ContractDocument.objects.filter(sha256__in=hashes), key=lambda document: -document.size)


def _registered_file(document: ContractDocument, content: bytes, trusted: Trust) -> Verdict:
    """A file that is registered is one that we made, so it is read right here."""
    contract = contracts_now().get(pk=document.contract_id)
    if not document.sealed:
        found = [findings.draft(sealed_at=contract.official_at)]
        return verdict_on(contract, authentic=False, sha256=document.sha256, found=found, sealed_at=None)
    at, now = document.created_at, timezone.now()
    if wrong := _wrong_with(facts_of(content, trusted, now=now, at=at)):
        return verdict_on(contract, authentic=False, sha256=document.sha256, found=wrong, sealed_at=None)
    found = [findings.sealed(at), *_revoked_since(facts_of(content, trusted, now=now, at=now))]
    if document.kind == ContractDocument.Kind.VOID_CERTIFICATE:
        found.append(finding(Code.VOID_CERTIFICATE))
    return verdict_on(contract, authentic=True, sha256=document.sha256, found=found, sealed_at=at)


def _unregistered_file(content: bytes, sha256: str, known: list[ContractDocument], facts: Facts) -> Verdict:
    wrong = _wrong_with(facts)
    if sealed := next((document for document in known if document.sealed), None):
        besides = [one for one in wrong if one.code in (Code.SEVERAL_SIGNATURES, Code.TOO_COMPLEX)]
        return _part_of(sealed, sha256, [finding(Code.APPENDED), *besides])
    if whole := that_begins_with(content, known):
        if not wrong:
            return _part_of(whole, sha256, [finding(Code.OLDER_LEVEL)])
        return Verdict(authentic=False, sha256=sha256, findings=[finding(Code.TRUNCATED)])
    ours = bool(facts.signatures) and facts.signatures[0].certificate != Certificate.NOT_OURS
    if is_damaged_copy(content, known):
        wrong = [finding(Code.CHANGED)]
    elif ours and not facts.signatures[0].whole:  # the part that it covers is no file of ours
        wrong = [finding(Code.CHANGED), *(one for one in wrong if one.code not in (Code.CHANGED, Code.APPENDED))]
    elif ours and facts.signatures[0].intact:
        wrong.append(finding(Code.NOT_REGISTERED))
    return Verdict(authentic=False, sha256=sha256, findings=wrong)


def _part_of(document: ContractDocument, sha256: str, found: list[Finding]) -> Verdict:
    """The verdict on a file that holds the sealed part of `document`, so that it may know the contract."""
    contract = contracts_now().get(pk=document.contract_id)
    return verdict_on(contract, authentic=False, sha256=sha256, found=found, sealed_at=document.created_at)


def _wrong_with(facts: Facts) -> list[Finding]:
    """What is wrong with a file, registered or not; nothing where our one seal is sound and covers all of it."""
    if facts.problem:
        return [finding(Code(facts.problem))]
    if not facts.signatures:
        return [finding(Code.NO_SEAL)]
    found = _wrong_with_signature(facts.signatures[0])
    if facts.count > 1:
        found.append(finding(Code.SEVERAL_SIGNATURES))
    return found


def _wrong_with_signature(signature: SignatureFacts) -> list[Finding]:
    """Of the first signature: ours is never made on a signed file."""
    if signature.certificate == Certificate.NOT_OURS:
        return [finding(Code.NOT_OURS)]
    found = []
    if not signature.intact:
        found.append(finding(Code.CHANGED))
    elif not signature.whole:
        found.append(finding(Code.APPENDED))
    if signature.certificate in LOST:
        found.append(finding(LOST[signature.certificate]))
    elif not found and not signature.sound:
        found.append(finding(Code.TIMESTAMP))
    return found


def _revoked_since(facts: Facts) -> list[Finding]:
    """That the certificate which sealed a sound file was revoked since. That one expired says nothing: all do."""
    return [
        findings.revoked_since(signature.revoked_at)
        for signature in facts.signatures
        if signature.certificate == Certificate.REVOKED and signature.revoked_at
    ]
