"""Prepare, edit and publish versions of the clauses and of the issuer (R23, R28)."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, QuerySet
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.models import Issuer
from common.errors import Fault, Refused
from common.normal_forms import normalise_text
from common.transactions import in_transaction
from common.versions import Version
from contracts.models import Clause, ClauseVersion
from contracts.pdf.clauses import BRACES, VARIABLES, find_wrong_variables
from contracts.pdf.fonts import missing_characters
from contracts.pdf.snapshot import CLAUSE_TEXTS, ClauseText
from contracts.sealing.art import UnprintableSealError, seal_art
from contracts.types import TYPES

Kind = TypeVar("Kind", bound=Version)
ISSUER_TEXTS = ("name", *Issuer.DETAILS, "payee", "payee_bank", "payee_account")
"""All text fields of a version of the issuer."""


@in_transaction
def prepare_clauses(*, type: str, by: Actor) -> ClauseVersion:  # noqa: A002 - the API's name
    """Return the version of this contract type in preparation; create it as a copy of the one in force if needed.

    Raises Refused `invalid` for an unknown type.
    """
    by.require_to_act()
    if type not in TYPES:
        raise Refused("invalid", _("This contract type does not exist."), pointer="/type")
    versions = ClauseVersion.objects.of(type)
    lock_versions(versions)
    in_force = versions.in_force()
    defaults = {"type": type, "version": _next_number(in_force), "created_by_id": by.person}
    version, is_new = versions.get_or_create(published_at=None, defaults=defaults)
    if is_new and in_force:
        Clause.objects.bulk_create(
            Clause(version=version, position=position, **text._asdict())
            for position, text in enumerate(in_force.texts(), start=1)
        )
    return version


@in_transaction
def prepare_issuer(*, by: Actor) -> Issuer:
    """Return the version of the issuer in preparation; create it as a copy of the one in force if needed."""
    by.require_to_act()
    lock_versions(Issuer.objects.all())
    in_force = Issuer.objects.in_force()
    defaults: dict[str, Any] = {name: getattr(in_force, name) for name in ISSUER_TEXTS} if in_force else {}
    defaults |= {"version": _next_number(in_force), "created_by_id": by.person}
    return Issuer.objects.get_or_create(published_at=None, defaults=defaults)[0]


@in_transaction
def publish_clauses(*, version: ClauseVersion, by: Actor) -> ClauseVersion:
    """Put a version into force: new drafts of its type use it, existing contracts keep theirs (R23).

    Raises Refused `transition_not_allowed` if it is published, `not_found` if it was discarded, and a fault at
    `/clauses/N/FIELD` for each text with an error: see `find_clause_faults`.
    """
    by.require_second_person()
    version = _lock_prepared(version, by)
    require_sound(find_clause_faults(version.texts()))
    return _publish(version, by)


@in_transaction
def publish_issuer(*, version: Issuer, by: Actor) -> Issuer:
    """Put a version into force: new drafts name it as Party B, existing contracts keep theirs (R23).

    Raises Refused like `publish_clauses`, with faults at `/FIELD`: see `find_issuer_faults`.
    """
    by.require_second_person()
    version = _lock_prepared(version, by)
    require_sound(find_issuer_faults(version))
    return _publish(version, by)


@in_transaction
def discard(*, version: Version, by: Actor) -> None:
    """Discard a version in preparation; its number is reused. Raises Refused like `publish_clauses`."""
    _lock_prepared(version, by).delete()


def get_series(version: Version) -> "QuerySet[Any]":
    """Return the versions of the same series: of the same contract type, or of the issuer."""
    return ClauseVersion.objects.of(version.type) if isinstance(version, ClauseVersion) else Issuer.objects.all()


def fingerprint(version: Version) -> str:
    """Return a checksum of the version's content and of the version it would replace."""
    rows = get_series(version)
    in_force = rows.in_force()  # type: ignore[attr-defined]
    content = [*rows.filter(pk=version.pk).values_list(), in_force and in_force.pk]
    if hasattr(version, "clauses"):
        content += version.clauses.values_list()
    return hashlib.sha256(repr(content).encode()).hexdigest()


def lock_versions(versions: "QuerySet[Any]") -> None:
    """Lock these versions against other edits and publications until the transaction ends.

    Drafts that use one of them need not wait: their foreign keys only lock the row's key.
    """
    list(versions.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def find_clause_faults(texts: Sequence[ClauseText]) -> list[Fault]:
    """Return the faults that prevent publishing these clauses, each with the clause's number and heading."""
    if not texts:
        return [Fault("invalid", _("There are no clauses."), "/clauses")]
    faults = []
    for number, text in enumerate(texts, start=1):
        for field in CLAUSE_TEXTS:
            where = _("Clause %(number)d (%(heading)s), %(field)s") % {
                "number": number,
                "heading": text.heading_en or "–",
                "field": get_label(Clause, field),
            }
            faults += _named(where, find_text_faults(field, getattr(text, field)), f"/clauses/{number}/{field}")
    return faults


def get_variable_meanings() -> dict[str, str]:
    """Return the variables of clauses with their meanings, in the reader's language."""
    return {
        "count": _("the number of orders"),
        "currency": _("their currency"),
        "until": _("the end of the valid period"),
    }


def find_text_faults(field: str, text: str) -> list[Fault]:
    """Return the faults of one text of a clause; `field` is one of CLAUSE_TEXTS."""
    if not normalise_text(text):
        return [Fault("invalid", _("This is empty."))]
    faults = []
    if field.startswith("heading"):
        wrong, sentence = BRACES.findall(text), _("Headings have no variables: %(found)s is not allowed.")
    else:
        wrong = find_wrong_variables(text)
        sentence = _("%(found)s is not a variable. Use one of these: %(known)s.")
    if wrong:
        shown = ", ".join(Truncator(found).chars(40) for found in dict.fromkeys(wrong[:3]))
        known = ", ".join(f"{{{name}}}" for name in VARIABLES)
        faults.append(Fault("invalid", sentence % {"found": shown, "known": known}))
    return faults + _unprintable(text)


def find_issuer_faults(issuer: Issuer) -> list[Fault]:
    """Return the faults that prevent publishing this version, each with its field."""
    faults = []
    for field in ISSUER_TEXTS:
        faults += _named(get_label(Issuer, field), find_issuer_field_faults(issuer, field), f"/{field}")
    return faults


def find_issuer_field_faults(issuer: Issuer, field: str) -> list[Fault]:
    """Return the faults of one text of the issuer. Its name must also be printable on the seal."""
    value = getattr(issuer, field)
    try:
        issuer.clean_fields(exclude={column.name for column in Issuer._meta.fields} - {field})
    except ValidationError as error:
        return [Fault("invalid", sentence) for sentence in error.messages]
    faults = _unprintable(value)
    if field == "name" and not faults:
        try:
            seal_art(value)
        except UnprintableSealError as error:
            return [Fault("unprintable_characters", _("The seal cannot print: %(character)s.") % {"character": error})]
    return faults


def get_label(model: type[Model], field: str) -> str:
    return str(cast("Field", model._meta.get_field(field)).verbose_name)


def _next_number(in_force: Version | None) -> int:
    return in_force.version + 1 if in_force else 1


def _lock_prepared(version: Kind, by: Actor) -> Kind:
    by.require_to_act()
    lock_versions(get_series(version))
    current: Kind | None = get_series(version).filter(pk=version.pk).first()
    if current is None:
        raise Refused("not_found", _("This version was discarded."))
    if current.published:
        raise Refused(
            "transition_not_allowed",
            _("Version %(version)d has already been published.") % {"version": current.version},
        )
    return current


def _publish(version: Kind, by: Actor) -> Kind:
    version.publish(at=timezone.now(), by_id=by.person)
    version.save(update_fields=["published_at", "published_by"])
    return version


def require_sound(faults: Sequence[Fault]) -> None:
    """Raise Refused if there are faults."""
    if faults:
        raise Refused.because(faults)


def _unprintable(text: str) -> list[Fault]:
    """Check for unprintable characters before a customer's draft fails (R28)."""
    missing = ", ".join(f"{char} (U+{ord(char):04X})" for char in missing_characters(text))
    sentence = _("The document cannot print: %(characters)s.") % {"characters": missing}
    return [Fault("unprintable_characters", sentence)] if missing else []


def _named(where: str, faults: Iterable[Fault], pointer: str) -> list[Fault]:
    return [
        Fault(fault.code, _("%(where)s: %(fault)s") % {"where": where, "fault": fault.detail}, pointer)
        for fault in faults
    ]
