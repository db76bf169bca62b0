"""What daily lists need from the operator: timestamps, their renewal, and an anchor that receives them (R38)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from contracts.models import EvidenceStamp, TrailAnchor, TrailSeal

MAX_WAIT = timedelta(days=1)
"""How long a list may wait for its timestamp."""


def evidence_warnings(*, now: datetime) -> Iterator[str]:
    """Yield a sentence for each thing to do at `now` (aware)."""
    stamped = EvidenceStamp.objects.aggregate(last=Max("last_list"))["last"] or 0
    waiting = TrailSeal.objects.filter(number__gt=stamped, sealed_at__lt=now - MAX_WAIT).first()
    if settings.SEAL_TSA_URL and waiting:
        yield _("Daily list %(number)d and later ones have no timestamp yet: check SEAL_TSA_URL.") % {
            "number": waiting.number
        }
    due = EvidenceStamp.objects.due(now).aggregate(ends_at=Min("ends_at"))
    if due["ends_at"]:
        sentence = _("The timestamps over daily lists end on %(day)s: run manage.py renew_evidence.")
        yield sentence % {"day": f"{due['ends_at']:%Y-%m-%d}"}
    for anchor in TrailAnchor.objects.filter(failing_since__isnull=False):
        yield _("The anchor (TRAIL_ANCHOR_URL) has not received daily lists since %(at)s UTC: %(error)s.") % {
            "at": f"{anchor.failing_since:%Y-%m-%d %H:%M}",
            "error": anchor.error,
        }
