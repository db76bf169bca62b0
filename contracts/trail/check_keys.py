"""Check the pinned keys of the seal: each row says what its certificate says (R37)."""

from collections.abc import Iterator
from typing import cast

from cryptography import x509
from django.db.models import Min
from django.utils.translation import gettext as _

from contracts.models import SealKey, SealUse
from contracts.sealing.signer import PublicKey, fingerprint_of_key, subject_of
from contracts.trail.check_uses import MAX_DELAY
from contracts.trail.defects import Defect


def check_keys() -> Iterator[Defect]:
    """Yield a defect for each key whose row contradicts its certificate, or that sealed before it was pinned."""
    first_uses = dict(SealUse.objects.order_by().values_list("fingerprint").annotate(Min("at")))
    for key in SealKey.objects.all():
        what = _("The pinned key of the seal is that of its certificate, and was pinned before it sealed")
        where = _("Key %(fingerprint)s") % {"fingerprint": key.fingerprint}
        for detail in _contradictions(key):
            yield Defect(where, what, detail)
        used = first_uses.get(key.fingerprint)
        if used and used < key.first_sealed_at - MAX_DELAY:
            facts = {"pinned": key.first_sealed_at, "used": used}
            yield Defect(where, what, _("It was pinned at %(pinned)s, but used at %(used)s.") % facts)


def _contradictions(key: SealKey) -> Iterator[str]:
    try:
        certificate = x509.load_pem_x509_certificate(key.certificate.encode())
    except ValueError:
        yield _("Its certificate cannot be read.")
        return
    if fingerprint_of_key(cast(PublicKey, certificate.public_key())) != key.fingerprint:
        yield _("Its certificate is of another key.")
    if subject_of(certificate) != key.subject:
        yield _("Its certificate is of another subject.")
