"""Help page: supported products and frequently asked questions."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access.member_page import member_page
from accounts.models import Membership
from common.normal_forms import normalise_code, normalise_line
from orders.models import Product


@require_safe
@member_page
def help_page(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show the help page. Every question and every product has an anchor that other pages link to."""
    text = normalise_line(request.GET.get("product", ""))
    products = Product.objects.filter(supports_contracts=True)
    if text:
        products = products.filter(Q(name__icontains=text) | Q(code__icontains=normalise_code(text)))
    context = {"products": sorted(products, key=lambda product: product.name.casefold()), "text": text}
    return render(request, "help/help.html", context)
