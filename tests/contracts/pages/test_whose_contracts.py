"""Foreign contracts do not exist for a visitor, and viewers only read (R26)."""

import pytest

from contracts.models import Contract, Selection
from tests import factories

GETS = ["", "created/", "document/", "evidence/", "pages/1.png", "convert/", "void/", "request-void/"]
POSTS = ["convert/", "void/", "request-void/", "remarks/", "reapply/"]


@pytest.mark.rule("R26")
@pytest.mark.parametrize("path", GETS)
def test_another_accounts_contract_is_not_found(stranger, draft, path):
    assert stranger.get(f"/contracts/{draft().number}/{path}").status_code == 404


@pytest.mark.rule("R26")
@pytest.mark.parametrize("path", POSTS)
def test_another_accounts_contract_cannot_be_changed(stranger, draft, path):
    contract = draft()

    assert stranger.post(f"/contracts/{contract.number}/{path}", {"consent": "on"}).status_code == 404
    contract = Contract.objects.get(pk=contract.pk)
    assert contract.status == Contract.Status.DRAFT


@pytest.mark.rule("R26")
def test_another_accounts_selection_is_not_found(stranger, membership):
    selection = Selection.objects.create(account=membership.account, user=membership.user, type="order")

    assert stranger.get(f"/contracts/apply/order/?selection={selection.pk}").status_code == 404
    assert stranger.get(f"/contracts/apply/order/confirm/?selection={selection.pk}").status_code == 404
    assert stranger.post(f"/contracts/apply/order/?selection={selection.pk}", {"clear": "1"}).status_code == 404


def test_a_selection_that_was_never_made_is_not_found(visit):
    assert visit.get("/contracts/apply/order/?selection=nonsense").status_code == 404
    assert visit.get("/contracts/apply/order/confirm/?selection=nonsense").status_code == 404


@pytest.mark.rule("R26")
def test_a_viewer_reads_and_has_no_buttons(viewer, draft):
    number = draft().number

    for page in ("/contracts/", f"/contracts/{number}/"):
        text = viewer.get(page).text
        assert "Download" in text
        for action in ("Apply for Contract", "Convert to official contract", "/void/", "remarks/"):
            assert action not in text


@pytest.mark.rule("R26")
@pytest.mark.parametrize("path", POSTS)
def test_a_viewer_changes_nothing(viewer, draft, path):
    answer = viewer.post(f"/contracts/{draft().number}/{path}", {"consent": "on", "reason": "x"})

    assert answer.status_code == 403
    assert "Your role is read-only" in answer.text


@pytest.mark.rule("R26")
def test_a_viewer_cannot_pick_orders(viewer, membership):
    order = factories.PaidOrderFactory(account=membership.account)

    answer = viewer.post("/contracts/apply/order/", {"order_numbers": [order.number], "next": "1"})

    assert answer.status_code == 403
    assert not Selection.objects.exists()
