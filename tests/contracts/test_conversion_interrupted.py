"""A process that dies between any two steps of a conversion leaves a draft, or a whole official contract."""

import pytest

from contracts import sealing
from contracts.documents import files as documents
from contracts.models import AuditEvent, Contract, ContractDocument
from contracts.services import convert, convert_to_official
from contracts.trail import record as audit
from tests.factories import draft, member


class Killed(BaseException):
    """Not an Exception, as a kill is none: nothing on the way may catch it."""


STEPS = [
    (documents, "read"),
    (sealing, "seal"),
    (sealing, "validate_seal"),
    (convert, "_make_official"),
    (convert.locking, "lock_contract"),
    (documents, "store"),
    (documents.ContractDocument.objects, "create"),
    (Contract, "make_official"),
    (Contract, "save"),
    (audit, "record"),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("when", [pytest.param("before", marks=pytest.mark.exhaustive), "after"])
@pytest.mark.parametrize(("holder", "step"), STEPS, ids=[name for _, name in STEPS])
def test_a_kill_at_any_step_leaves_a_draft_that_converts_later(issuer, monkeypatch, holder, step, when):
    actor = member()
    contract = draft(actor)
    whole = getattr(holder, step)

    def killed(*args, **kwargs):
        if when == "after":
            whole(*args, **kwargs)
        raise Killed

    finished = (step, when) == ("_make_official", "after")  # committed before the kill
    with monkeypatch.context() as patch:
        patch.setattr(holder, step, killed)
        with pytest.raises(Killed):
            convert_to_official(contract=contract, by=actor)

    assert Contract.objects.get(pk=contract.pk).status == ("official" if finished else "draft")
    if not finished:
        assert [document.kind for document in contract.documents.all()] == ["draft"]
        assert [event.kind for event in contract.events.all()] == ["drafted"]
        convert_to_official(contract=contract, by=actor)
    document = contract.documents.get(kind=ContractDocument.Kind.OFFICIAL)
    assert documents.read(document).startswith(documents.read(contract.documents.get(kind="draft")))
    assert AuditEvent.objects.filter(contract=contract, kind="converted").count() == 1
