"""The guide's five calls work as they are written, and its table of errors is whole."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from accounts.models import ApiToken
from common.errors import STATUS_OF_CODE
from contracts.models import Contract
from tests.factories import MembershipFactory, PaidOrderFactory, PartyProfileFactory

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
ERRORS = re.findall(r"^\| (\d{3}) \| (`[^|]*) \|", GUIDE.read_text(), re.MULTILINE)
CALLS = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)


def test_every_code_is_explained_once_by_its_status():
    explained = [(code, int(status)) for status, codes in ERRORS for code in re.findall(r"`(\w+)`", codes)]
    assert set(STATUS_OF_CODE.items()) - set(explained) == set(), "codes without a row in docs/api.md"
    assert sorted(explained) == sorted(STATUS_OF_CODE.items())


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_from_orders_to_a_verified_contract(live_server, issuer, tmp_path):
    membership = MembershipFactory(account=PartyProfileFactory().account)
    order = PaidOrderFactory(account=membership.account)
    known = {
        "KEY": "first-contract",
        "CENTRE": live_server.url,
        "TOKEN": ApiToken.for_member(membership)[1],
        "ORDER": order.number,
    }

    def call(command: str) -> str:
        done = subprocess.run(
            ["sh", "-ec", command], env=os.environ | known, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout

    eligible, apply, convert, fetch, verify = CALLS
    assert json.loads(call(eligible))["results"][0]["eligible"] is True
    known["NUMBER"] = json.loads(call(apply))["number"]
    assert json.loads(call(apply))["number"] == known["NUMBER"]  # the key is the same
    assert json.loads(call(convert))["status"] == "official"
    call(fetch)
    verdict = json.loads(call(verify))
    assert (verdict["authentic"], verdict["number"], verdict["status"]) == (True, known["NUMBER"], "official")
    assert Contract.objects.count() == 1
