"""Public verification page: no account is needed, and nothing of the file is stored."""

from asn1crypto import pem
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import Refused
from common.request_bodies import discard_body
from contracts.sealing import refuse_if_seal_unavailable
from contracts.sealing.trust import trust
from contracts.verification.codes import verdict_of_code
from contracts.verification.file_verdict import verdict_of_file
from contracts.verification.headlines import headline_of_code, headline_of_file
from contracts.verification.throttle import VerificationThrottle
from contracts.verification.uploads import get_uploaded_file, prepare_upload


@never_cache
@csrf_exempt  # the body must not be read yet: _verify_file checks the token
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Verify a document by its file, or by the code in its QR link."""
    code = request.GET.get("code", "").strip()
    if request.method != "POST" and not code:
        return _page(request)
    throttle = VerificationThrottle()
    if not throttle.allow_request(request, None):
        discard_body(request)
        seconds = throttle.wait()
        refusal = _page(request, status=429, seconds=seconds)
        refusal["Retry-After"] = str(seconds)
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


@csrf_protect
def _verify_file(request: HttpRequest, throttle: VerificationThrottle) -> HttpResponse:
    """Raises Refused: `invalid`, `too_large`, `seal_unavailable`, `verifier_busy`."""
    verdict = verdict_of_file(get_uploaded_file(request))
    throttle.charge_cpu(request, verdict.cpu_seconds)
    return _page(request, of_file=True, verdict=verdict, headline=headline_of_file(verdict))


def _page(request: HttpRequest, *, status: int = 200, **context: object) -> HttpResponse:
    return render(request, "contracts/verify.html", context, status=status)


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
