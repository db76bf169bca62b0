"""What the benchmarks are measured over is what the system itself would have written."""

import pytest
from django.contrib.auth import get_user_model

from benchmarks.long_history import write_history
from contracts.models import Contract
from contracts.tasks import settle_all
from contracts.trail.check_contract import check_contract
from orders.models import Order

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
COUNT = 9000
"""Ten days, so that payment requests of the first have become invalid."""


def test_a_made_history_is_sound_but_for_files_and_hashes_that_are_not_made():
    get_user_model().objects.create_superuser("root", pk=1)  # sequences go on from test to test
    write_history(COUNT)

    assert Contract.objects.count() == COUNT
    assert Order.objects.count() == 3 * COUNT
    looked_at = Contract.objects.filter(pk__lt=COUNT / 5) | Contract.objects.exclude(events__ticket=None)
    seen = set()
    for contract in looked_at.distinct().prefetch_related("documents", "lines", "events"):
        wrong = [finding for finding in check_contract(contract) if not finding.sound]
        assert len(wrong) == 1 + len(contract.documents.all()), (contract.pk, wrong)  # contract.json, and the files
        seen |= {(contract.type, contract.status), *(event.kind for event in contract.events.all())}
    assert seen >= {("order", "official"), ("payment_request", "invalid"), "voided", "ticket_lapsed", "ticket_rejected"}

    done = settle_all()
    assert sum(done.values()) < COUNT / 50, done  # and the clock has not much to do in it
