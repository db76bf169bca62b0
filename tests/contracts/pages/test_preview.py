"""One contract: preview, download, facts and history (R18, R23, R27)."""

from io import BytesIO

import pytest
from PIL import Image

from accounts.access.actors import actor_of
from contracts import services
from tests import factories


@pytest.mark.rule("R18")
def test_the_number_leads_to_a_preview_in_pictures(visit, draft):
    contract = draft()
    assert f'href="/contracts/{contract.number}/"' in visit.get("/contracts/").text

    assert f"/contracts/{contract.number}/pages/1.png" in visit.get(f"/contracts/{contract.number}/").text
    answer = visit.get(f"/contracts/{contract.number}/pages/1.png")

    assert answer["Content-Type"] == "image/png"
    picture = Image.open(BytesIO(answer.content))
    assert picture.width == 1240
    assert len(picture.getcolors()) > 2


@pytest.mark.rule("R18")
@pytest.mark.parametrize("path", [0, 99])
def test_there_is_no_picture_of_a_page_that_is_not_there(visit, draft, path):
    assert visit.get(f"/contracts/{draft().number}/pages/{path}.png").status_code == 404


@pytest.mark.rule("R18")
def test_draft_and_official_documents_are_shown_or_saved(visit, draft, official):
    shown = visit.get(f"/contracts/{official.number}/document/")
    saved = visit.get(f"/contracts/{official.number}/document/?download=1")

    assert shown.content.startswith(b"%PDF")
    assert shown["Content-Disposition"].startswith("inline")
    assert saved["Content-Disposition"] == f'attachment; filename="{official.number}.pdf"'
    assert saved.content == shown.content
    number = draft().number
    assert f"{number}-draft.pdf" in visit.get(f"/contracts/{number}/document/?download=1")["Content-Disposition"]


@pytest.mark.parametrize("path", ["", "document/"])
def test_nobody_between_keeps_a_copy(visit, draft, path):
    caching = visit.get(f"/contracts/{draft().number}/{path}")["Cache-Control"]

    assert "private" in caching
    assert "no-store" in caching


@pytest.mark.rule("R18")
def test_a_picture_is_kept_by_the_browser_and_drawn_once(visit, draft, monkeypatch):
    contract = draft()
    address = f"/contracts/{contract.number}/pages/1.png"
    first = visit.get(address)
    monkeypatch.setattr("contracts.documents.page_images.picture", None)

    assert first["Cache-Control"] == "private, no-cache"
    assert contract.documents.get().sha256 in first["ETag"]
    assert visit.get(address).content == first.content
    assert visit.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304


@pytest.mark.rule("R26")
def test_a_picture_that_the_browser_kept_is_not_confirmed_to_others(visit, stranger, client, draft):
    address = f"/contracts/{draft().number}/pages/1.png"
    known = {"If-None-Match": visit.get(address)["ETag"]}

    assert stranger.get(address, headers=known).status_code == 404
    assert client.get(address, headers=known).status_code == 302


@pytest.mark.rule("R18")
def test_a_larger_picture_is_there_to_look_closer(visit, draft):
    answer = visit.get(f"/contracts/{draft().number}/pages/1.png?size=large")

    assert Image.open(BytesIO(answer.content)).width == 2480


@pytest.mark.rule("R18")
def test_the_preview_page_reads_no_file(visit, draft, monkeypatch):
    contract = draft()
    monkeypatch.setattr("contracts.documents.files.read", None)

    assert "Page 1 of" in visit.get(f"/contracts/{contract.number}/").text


@pytest.mark.rule("R26")
def test_the_history_names_members_until_they_leave_the_account(visit, membership, draft):
    contract = draft()
    colleague = factories.MembershipFactory(account=membership.account, user__username="han.meimei")
    services.edit_remarks(contract=contract, remarks="Q4", by=actor_of(colleague, "page"))
    assert "han.meimei" in visit.get(f"/contracts/{contract.number}/").text

    colleague.delete()

    assert "han.meimei" not in visit.get(f"/contracts/{contract.number}/").text


@pytest.mark.rule("R5")
def test_a_contract_voided_by_ticket_says_by_which(visit, membership, official):
    ticket = services.request_void(contract=official, reason="Wrong party", by=actor_of(membership, "page"))
    services.approve_void(ticket=ticket, by=factories.staff())

    text = visit.get(f"/contracts/{official.number}/").text

    assert f"Our contract staff approved void ticket {ticket.pk} of" in text


@pytest.mark.rule("R18")
def test_a_voided_contract_tells_its_end_and_has_no_document(visit, voided):
    text = visit.get(f"/contracts/{voided.number}/").text

    assert "Voided on" in text
    assert "Wrong order" in text
    assert "pages/1.png" not in text
    for page in ("document/", "pages/1.png"):
        answer = visit.get(f"/contracts/{voided.number}/{page}")
        assert answer.status_code == 410
        assert "This contract was voided" in answer.text


@pytest.mark.rule("R18")
def test_an_invalid_contract_still_previews_and_downloads(visit, draft, clock):
    contract = draft("payment_request")
    clock.move_to(contract.expires_at)

    assert "Invalid since" in visit.get(f"/contracts/{contract.number}/").text
    assert visit.get(f"/contracts/{contract.number}/document/?download=1").status_code == 200


@pytest.mark.rule("R23")
def test_the_page_says_what_the_contract_says_after_everything_else_has_changed(visit, draft, membership, issuer):
    contract = draft()
    name, product = contract.party_a["name"], contract.lines.get().snapshot["product_name"]
    account = membership.account
    account.certified_name = "Renamed Ltd"
    account.save()
    order = contract.lines.get().order
    order.product.name = "Renamed product"
    order.product.save()

    text = visit.get(f"/contracts/{contract.number}/").text

    assert product in text
    assert "Renamed product" not in text
    assert f'party-name">{name}' in text


@pytest.mark.rule("R27")
def test_the_history_says_what_happened_and_by_whom(visit, membership, draft):
    contract = draft()
    services.convert_to_official(contract=contract, by=actor_of(membership, "page"))

    text = visit.get(f"/contracts/{contract.number}/").text

    assert "Draft created" in text
    assert "Converted to official contract" in text
    assert membership.user.username in text


@pytest.mark.rule("R5")
def test_the_customer_sees_the_decision_on_a_void_request_and_its_note(visit, membership, official, django_user_model):
    ticket = services.request_void(contract=official, reason="Wrong party", by=actor_of(membership, "page"))
    staff = factories.UserFactory(is_staff=True, is_superuser=True, username="back-office")
    from accounts.access.actors import staff_actor

    services.reject_void(
        ticket=ticket, by=staff_actor(staff, "contracts.decide_voidticket"), note="The party is right."
    )

    text = visit.get(f"/contracts/{official.number}/").text

    for shown in ("Wrong party", "Rejected", "The party is right.", "our contract staff"):
        assert shown in text
    assert "back-office" not in text
