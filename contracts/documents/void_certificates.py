"""Void certificates, sealed before their contract is voided and stored with it (R5)."""

import hashlib
from datetime import datetime
from typing import cast

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from common.errors import Refused
from contracts import sealing
from contracts.documents.files import of_kind
from contracts.documents.snapshots import printed_code, verification_url
from contracts.health.sealing_time import require_time_to_seal
from contracts.models import Contract, ContractDocument, VoidTicket
from contracts.pdf.fonts import missing_characters
from contracts.pdf.labels import Language
from contracts.pdf.void_certificate import VoidCertificate, render_void_certificate
from contracts.seal_keys import pin_seal_key
from contracts.seal_uses import Purpose, record_seal_uses
from contracts.sealing.levels import SealLevel

SEAL_LABEL = "Void certificate of contract"


def sealed_certificate(contract: Contract, ticket: VoidTicket, *, by: Actor, at: datetime) -> tuple[bytes, SealLevel]:
    """Render and seal the certificate that the official `contract` is void as of `at` (aware).

    Nothing is stored or locked. Return the PDF and its seal's level. `by` decides. Raises Refused:
    `unprintable_characters` if the decider's name cannot be printed (R28), `seal_unavailable`.
    """
    certificate = _certificate(contract, ticket, _name_of(by.person), at=at)
    require_time_to_seal()
    is_test = contract.is_test
    trusted = pin_seal_key(is_test=is_test)
    unsealed = render_void_certificate(certificate)
    content_sha256 = hashlib.sha256(unsealed).hexdigest()
    with record_seal_uses(Purpose.VOID_CERTIFICATE, by=by, contract=contract, content_sha256=content_sha256):
        sealed = sealing.seal(
            unsealed, number=contract.number, issuer_name=certificate.party_b, what=SEAL_LABEL, is_test=is_test
        )
    level = sealing.validate_seal(sealed, draft=unsealed, trusted=trusted, is_test=is_test)
    return sealed, level


def _certificate(contract: Contract, ticket: VoidTicket, decided_by: str, *, at: datetime) -> VoidCertificate:
    assert contract.official_at  # noqa: S101 - only official contracts have tickets; a constraint requires the time
    return VoidCertificate(
        number=contract.number,
        type=contract.contract_type.document,
        language=cast("Language", contract.language),
        party_a=contract.party_a["name"],
        party_b=contract.party_b["name"],
        total_amount=contract.total_amount,
        currency=contract.currency,
        official_at=contract.official_at,
        voided_at=at,
        sha256=of_kind(contract, ContractDocument.Kind.OFFICIAL).sha256,
        ticket=str(ticket.pk),
        ticket_opened_at=ticket.opened_at,
        decided_by=decided_by,
        time_zone=contract.account.tzinfo,
        verification_code=printed_code(contract.verification_code),
        verification_url=verification_url(contract),
        is_test=contract.is_test,
    )


def _name_of(user_id: int) -> str:
    user = get_user_model().objects.get(pk=user_id)
    name = user.get_full_name() or user.get_username()
    if missing := missing_characters(name):
        raise Refused(
            "unprintable_characters",
            _("The void certificate cannot print your name: %(characters)s. Ask an operator to correct it.")
            % {"characters": ", ".join(f"{char} (U+{ord(char):04X})" for char in missing)},
        )
    return name
