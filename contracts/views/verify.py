from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from contracts.verification import verdict_of_code


@require_GET
@never_cache
def verify(request: HttpRequest) -> HttpResponse:
    """Anybody with a document in hand may ask what became of its contract; the QR on it leads here."""
    code = request.GET.get("code", "").strip()
    context = {"code": code, "verdict": verdict_of_code(code) if code else None}
    return render(request, "contracts/verify.html", context)
