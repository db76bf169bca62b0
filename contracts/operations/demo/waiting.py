"""Staff tasks of the demo: two void tickets, a refunded order in a contract, and a certification request."""

from io import BytesIO

from django.core.files.base import ContentFile
from django.utils import timezone
from reportlab.pdfgen.canvas import Canvas

from accounts.access.actors import Actor, actor_of
from accounts.certification.requests import request_certification
from accounts.models import CertificationRequest, Membership
from contracts import services
from contracts.models import Contract
from contracts.sealing import SealUnavailable, check_seal
from contracts.types import ORDER
from orders.models import Order
from orders.services import move_order

NEW_NAME = "Pine Ridge Freight (Shanghai) Co., Ltd."
CREDIT_CODE = "91310115MA1KDEMH0M"


def make_staff_tasks(member: Membership) -> None:
    """Make them through the services, unless the account has contracts or no seal can be used."""
    if Contract.objects.of(member.account).exists():
        return
    try:
        check_seal()
    except SealUnavailable:
        return
    actor = actor_of(member, "command")
    orders = Order.objects.of(member.account).filter(
        status=Order.Status.PAID, currency="CNY", product__supports_contracts=True
    )
    numbers = list(orders.order_by("paid_at").values_list("number", flat=True)[:6])
    renamed, split, _refunded = (_official(some, actor) for some in (numbers[:2], numbers[2:3], numbers[3:6]))
    reason = "Our company was renamed. Please void this contract; we apply again under the new name."
    services.request_void(contract=renamed, reason=reason, by=actor)
    reason = "These orders belong into one contract with those of next month."
    services.request_void(contract=split, reason=reason, by=actor)
    now = timezone.now()
    refunded = Order.objects.get(number=numbers[3])
    move_order(refunded, Order.Status.REFUNDED, paid_at=None, at=now)
    refunded.save()
    request_certification(
        kind=CertificationRequest.Kind.ENTERPRISE, name=NEW_NAME, credit_code=CREDIT_CODE, licence=_licence(), by=actor
    )


def _official(numbers: list[str], actor: Actor) -> Contract:
    draft = services.apply_for_contract(type=ORDER.value, order_numbers=numbers, by=actor)
    return services.convert_to_official(contract=draft, by=actor)


def _licence() -> ContentFile:
    page = BytesIO()
    canvas = Canvas(page)
    canvas.drawString(72, 760, f"Business licence (demo): {NEW_NAME}, {CREDIT_CODE}")
    canvas.save()
    return ContentFile(page.getvalue(), name="licence.pdf")
