"""The link for others: the address of the QR code, which shows what the code shows and no more (R41)."""

import re

import pytest
from django.test import Client

from contracts.documents.snapshots import verification_url

pytestmark = pytest.mark.rule("R41")


def test_the_page_shows_the_address_of_the_qr_code(visit, viewer, official):
    for client in (visit, viewer):
        page = client.get(f"/contracts/{official.number}/").text
        assert f'value="{verification_url(official)}" readonly' in page
        assert 'data-copies="share-link"' in page
    assert verification_url(official) == official.verification_url


def test_the_link_opens_the_verdict_without_typing(visit, official, settings):
    path = verification_url(official).removeprefix(settings.SITE_URL)
    verdict = Client().get(path).text
    page = visit.get(f"/contracts/{official.number}/").text
    told = page.partition("What the reader will see")[2].partition("</details>")[0]
    facts = re.findall(r"<dt>(.+?)</dt><dd[^>]*>(.+?)</dd>", told)
    assert len(facts) == 9
    for label, value in facts:
        assert label in verdict
        assert value in verdict or label in ("SHA-256", "Sealed")
    assert official.party_a["name"] not in verdict
    assert not any(number in verdict for number in official.order_numbers)


@pytest.mark.parametrize("state", ["draft", "voided"])
def test_drafts_and_voided_contracts_have_one_too(visit, draft, voided, state):
    contract = draft() if state == "draft" else voided
    assert verification_url(contract) in visit.get(f"/contracts/{contract.number}/").text
    assert Client().get("/verify/", {"code": contract.verification_code}).status_code == 200
