"""Public verification page: no account is needed, and nothing of the file is stored."""

from asn1crypto import pem
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import Refused
from common.request_bodies import discard_body
from contracts.documents import files as documents
from contracts.models import ContractDocument, SealKey
from contracts.sealing import refuse_if_seal_unavailable
from contracts.sealing.trust import trust
from contracts.verification.codes import verdict_of_code
from contracts.verification.file_verdict import verdict_of_file
from contracts.verification.findings import issuer_name
from contracts.verification.headlines import headline_of_code, headline_of_file
from contracts.verification.throttle import VerificationThrottle
from contracts.verification.uploads import (
    MAX_UPLOAD_BYTES,
    MAX_UPLOAD_MEGABYTES,
    get_uploaded_file,
    name_to_show,
    prepare_upload,
    too_large_message,
)

SEALED_PART = "verify.sealed-part"
"""Salt of the tokens for sealed parts."""
SEALED_PART_SECONDS = 600


@never_cache
@csrf_exempt  # the body must not be read yet: _verify_file checks the token
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Verify a document by its file, or by the code in its QR link."""
    code = request.GET.get("code", "").strip()
    if request.method != "POST" and not code:
        return _page(request)
    throttle = VerificationThrottle()
    if refusal := _refuse_too_many(request, throttle):
        return refusal
    if request.method == "POST":
        try:
            prepare_upload(request)
            return _verify_file(request, throttle)
        except Refused as refused:
            answer = _page(request, status=refused.status, refused=refused)
            for name, value in refused.headers.items():
                answer[name] = value
            return answer
    verdict = verdict_of_code(code)
    return _page(request, code=code, verdict=verdict, headline=verdict and headline_of_code(verdict))


def _refuse_too_many(request: HttpRequest, throttle: VerificationThrottle) -> HttpResponse | None:
    """Count the request, and return the page that refuses it if there were too many."""
    if throttle.allow_request(request, None):
        return None
    discard_body(request)
    seconds = throttle.wait()
    refusal = _page(request, status=429, seconds=seconds)
    refusal["Retry-After"] = str(seconds)
    return refusal


@csrf_protect
def _verify_file(request: HttpRequest, throttle: VerificationThrottle) -> HttpResponse:
    """Raises Refused: `invalid`, `too_large`, `seal_unavailable`, `verifier_busy`."""
    file = get_uploaded_file(request)
    verdict = verdict_of_file(file.read())
    throttle.charge_cpu(request, verdict.cpu_seconds)
    part = verdict.sealed_part
    return _page(
        request,
        of_file=True,
        file_name=name_to_show(file),
        verdict=verdict,
        headline=headline_of_file(verdict),
        sealed_part=signing.dumps(part.sha256, salt=SEALED_PART) if part else "",
    )


def _page(request: HttpRequest, *, status: int = 200, **context: object) -> HttpResponse:
    limit = {"bytes": MAX_UPLOAD_BYTES, "megabytes": MAX_UPLOAD_MEGABYTES, "message": too_large_message()}
    everywhere = {"upload_limit": limit, "issuer": issuer_name(), "seal_keys": SealKey.objects.all()}
    return render(request, "contracts/verify.html", {**everywhere, **context}, status=status)


@never_cache
@require_POST
def sealed_part(request: HttpRequest) -> HttpResponse:
    """Answer with the sealed document that an uploaded file began with.

    The page with the verdict holds a signed token for it, valid for SEALED_PART_SECONDS. The token proves that the
    client uploaded the same bytes. Raises Refused: `invalid` for another token, `contract_voided` (R18),
    `storage_unavailable`.
    """
    if refusal := _refuse_too_many(request, VerificationThrottle()):
        return refusal
    try:
        sha256 = signing.loads(request.POST.get("token", ""), salt=SEALED_PART, max_age=SEALED_PART_SECONDS)
    except signing.BadSignature as error:
        raise Refused("invalid", _("This button has expired. Verify the file again."), pointer="/token") from error
    document = get_object_or_404(ContractDocument.objects.select_related("contract"), sha256=sha256)
    if document.kind == ContractDocument.Kind.OFFICIAL:
        documents.current(document.contract)
    return documents.document_response(request, document, document.contract, download=True)


@require_safe
def root_certificates(request: HttpRequest) -> HttpResponse:
    """Answer with the trusted roots of our seals, for people who check documents without us.

    Raises Refused `seal_unavailable`.
    """
    with refuse_if_seal_unavailable(_("The root certificates cannot be read right now. Try again shortly.")):
        roots = trust().roots
    content = b"".join(pem.armor("CERTIFICATE", root.dump()) for root in roots)
    answer = HttpResponse(content, content_type="application/x-pem-file")
    answer["Content-Disposition"] = 'attachment; filename="contract-seal-root.pem"'
    return answer
