"""Who has the steps and the key from the issuer finds what a forger did to a bundle, by name (R37)."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contracts.evidence.auditing import failing, needs_tools, step_that, steps_in
from tests.contracts.evidence.forging import FORGERIES, FORGERIES_WITH_A_KEY, Forgery, seal_anew
from tests.contracts.sealing.conftest import make_authority

pytestmark = [pytest.mark.django_db, needs_tools]


@pytest.fixture
def forge(clock, contract_of, unpack, use_seal, tmp_path) -> Callable[[Forgery], Path]:
    """Forge a copy of a bundle of a voided contract. The forger has another key under the same root.

    The clock stands still: the seal shows its time, and the forged file must have the same length.
    """
    authority = make_authority()
    use_seal(authority=authority)
    true = unpack(contract_of("voided"))
    length = len((true / "official.pdf").read_bytes())
    for _ in range(50):  # a certificate's serial number and signature take a byte more or less
        use_seal(authority=authority)
        if len(seal_anew(true)) == length:
            break

    def forge(forgery: Forgery) -> Path:
        folder = tmp_path / "forged" / true.name
        shutil.rmtree(folder.parent, ignore_errors=True)
        shutil.copytree(true, folder)
        (folder.parent / "README.txt").write_bytes((folder / "README.txt").read_bytes())
        forgery.change(folder)
        return folder

    return forge


@pytest.mark.rule("R27")
@pytest.mark.rule("R37")
def test_each_forgery_is_found_by_name(forge, subtests):
    for forgery in [*FORGERIES, *FORGERIES_WITH_A_KEY]:
        with subtests.test(forgery.what):
            folder = forge(forgery)
            step = step_that(folder.parent, forgery.finds)
            (folder.parent / "check").mkdir()
            assert not step.holds(folder)
            assert forgery.says in step.run(folder)


@pytest.mark.exhaustive
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_no_forgery_passes_all_steps_and_a_true_bundle_does(forge, shell, subtests):
    assert failing(forge(Forgery("nothing", lambda folder: None, "", "")), shell=shell) == []
    for forgery in [*FORGERIES, *FORGERIES_WITH_A_KEY]:
        with subtests.test(forgery.what):
            folder = forge(forgery)
            assert step_that(folder.parent, forgery.finds).title in failing(folder, steps_in(folder.parent), shell)
