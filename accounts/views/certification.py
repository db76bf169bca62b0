"""Page with the state of real-name certification and the request form (R11)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access.actors import actor_of
from accounts.access.member_page import member_page
from accounts.certification.requests import find_certification_problem, request_certification
from accounts.forms import CertificationForm
from accounts.models import Account, CertificationRequest, Membership
from common.errors import Fault, Refused
from common.forms import place_faults

Kind = CertificationRequest.Kind


@require_http_methods(["GET", "POST"])
@member_page
def certification(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show the state, and the form for `?kind=` to members who may act while no request is pending."""
    kind = Kind(chosen) if (chosen := request.GET.get("kind")) in Kind.values else Kind.ENTERPRISE
    form, faults, status = CertificationForm(kind), list[Fault](), 200
    if request.method == "POST":
        actor = actor_of(membership, "page")
        actor.require_to_act()
        form = CertificationForm(kind, request.POST, request.FILES)
        form.full_clean()
        values = {"name": "", "credit_code": "", "licence": None} | form.cleaned_data
        try:  # fields that failed in the form are empty here, so the service reports all faults together
            request_certification(kind=kind, by=actor, **values)
        except Refused as refused:
            faults, status = place_faults(form, refused.faults), refused.status
        else:
            messages.success(request, _("We received your request. The decision will be shown on this page."))
            return redirect("account-certification")
    account = Account.objects.get(pk=membership.account.pk)
    requests = list(account.certification_requests.all()[:10])
    waiting = bool(requests) and requests[0].status == CertificationRequest.Status.PENDING
    context = {
        "account": account,
        "problem": find_certification_problem(account),
        "requests": requests,
        "waiting": waiting,
        "asking": membership.may_act
        and not waiting
        and bool(chosen or form.is_bound or find_certification_problem(account)),
        "kind": kind,
        "kinds": Kind,
        "form": form,
        "faults": faults,
    }
    return render(request, "accounts/certification.html", context, status=status)
