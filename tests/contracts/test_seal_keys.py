"""Keys are pinned when they first seal; another company's under the same root is not ours, wherever it signs (R37)."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone

from accounts.access.actors import Actor, actor_of
from common.errors import Refused
from contracts import evidence, sealing
from contracts.models import Contract, SealKey
from contracts.seal_keys import our_trust, pin_seal_key
from contracts.sealing import check_seal
from contracts.sealing.key import LoadedSeal, usable_seal
from contracts.sealing.trust import trust
from contracts.services import approve_void, convert_to_official, request_void
from contracts.trail.check_contract import check_contract
from contracts.trail.daily_seals import seal_trails
from tests.contracts.archive.asking import told
from tests.contracts.sealing.conftest import Authority, make_authority, make_draft, use_seal  # noqa: F401 - a fixture
from tests.contracts.verification.conftest import codes, file_of
from tests.factories import draft, official, staff
from tests.tampering import tamper

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R37"), pytest.mark.usefixtures("clock", "own_files")]
SealAs = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def actor(membership) -> Actor:
    return actor_of(membership, "page")


@pytest.fixture
def root() -> Authority:
    """A certificate authority that issues seals to us and to others."""
    return make_authority()


@pytest.fixture
def another_seal(root, use_seal, settings, tmp_path) -> SealAs:  # noqa: F811 - the fixture above
    """Configure our seal, and return a context in which another seal under the same root is configured instead."""
    settings.SEAL_P12 = ours = str(shutil.copy(use_seal(authority=root), tmp_path / "ours.p12"))

    @contextmanager
    def configured(**options) -> Iterator[None]:
        use_seal(authority=root, **options)
        yield
        settings.SEAL_P12 = ours

    return configured


def voided(actor: Actor) -> Contract:
    """A contract with a draft, an official file and a void certificate, whose trail is in a sealed list."""
    ticket = request_void(contract=official(actor), reason="Wrong order", by=actor)
    contract = approve_void(ticket=ticket, by=staff()).contract
    seal_trails(now=timezone.now())
    return Contract.objects.get(pk=contract.pk)


def forget_key(fingerprint: str) -> None:
    tamper("DELETE FROM contracts_sealkey WHERE fingerprint = %s", fingerprint)


def wrong_seals(contract: Contract) -> list[str]:
    return [one.what for one in check_contract(contract) if not one.sound and "seal" in one.what]


def test_the_key_is_pinned_once_by_whatever_it_seals_first(actor):
    contract = official(actor)
    key = SealKey.objects.get()

    assert key.fingerprint == check_seal().fingerprint
    assert key.certificate.startswith("-----BEGIN CERTIFICATE-----")
    assert key.first_sealed_at == timezone.now() == contract.official_at
    official(actor)
    voided(actor)
    assert SealKey.objects.get() == key


def test_void_certificates_and_daily_lists_pin_a_key_as_conversions_do(actor, another_seal):
    ticket = request_void(contract=official(actor), reason="Wrong order", by=actor)
    for sign in (lambda: approve_void(ticket=ticket, by=staff()), lambda: seal_trails(now=timezone.now())):
        with another_seal():
            sign()
            assert SealKey.objects.last().fingerprint == check_seal().fingerprint


def test_a_key_that_is_known_to_be_pinned_takes_no_statement(
    django_assert_num_queries, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        pin_seal_key()
    with django_assert_num_queries(0):
        pin_seal_key()


def test_a_seal_that_is_exchanged_while_its_key_is_pinned_seals_nothing(actor, another_seal, monkeypatch):
    contract = draft(actor)
    with ExitStack() as exchanged:

        def loaded_before() -> LoadedSeal:
            loaded = usable_seal()
            exchanged.enter_context(another_seal())
            return loaded

        monkeypatch.setattr("contracts.seal_keys.usable_seal", loaded_before)
        with pytest.raises(Refused) as refused:
            convert_to_official(contract=contract, by=actor)
    assert refused.value.code == "seal_unavailable"
    assert Contract.objects.get().status == "draft"


def test_another_companys_seal_under_our_root_is_refused_wherever_it_signs(actor, another_seal):
    """As if somebody had put the files, rows and events of a rival's seal into our archive, except its pinned key."""
    with another_seal():
        rival = check_seal().fingerprint
        contract = voided(actor)
        unregistered = sealing.seal(file_of(contract, "draft"), number=contract.number, issuer_name="Rival")
    forget_key(rival)

    assert codes(unregistered) == ["not_ours"]
    assert codes(file_of(contract)) == ["not_ours", "voided"]
    assert codes(file_of(contract, "void_certificate")) == ["not_ours", "voided"]
    assert len(wrong_seals(contract)) == 2
    with pytest.raises(Refused) as refused:
        evidence.bundle(contract, voided_too=True)
    assert refused.value.code == "seal_unavailable"
    wrong = told()[0]
    assert len(wrong) == 5  # two seals, their uses, and the daily list
    assert [line for line in wrong if "Its signature is not our seal's" in line]


def test_a_retired_key_stays_ours(actor, another_seal):
    contract = voided(actor)
    with another_seal():
        assert check_seal().fingerprint not in SealKey.objects.values_list("fingerprint", flat=True)
        assert codes(file_of(contract)) == ["sealed", "voided"]
        assert codes(file_of(contract, "void_certificate")) == ["sealed", "void_certificate", "voided"]
        assert wrong_seals(contract) == told()[0] == []
        assert evidence.bundle(contract, voided_too=True)


def test_a_renewed_certificate_of_the_same_key_is_ours(actor, another_seal):
    key = ec.generate_private_key(ec.SECP256R1())
    with another_seal(key=key):
        contract = official(actor)
    with another_seal(key=key):
        renewed = sealing.seal(file_of(contract, "draft"), number=contract.number, issuer_name="Ours")
        official(actor)

    assert codes(renewed) == ["not_registered"]
    assert SealKey.objects.count() == 1


def test_a_setting_names_the_certificates_of_before(actor, another_seal, root, settings, tmp_path):
    """A file with the whole chain does no harm: the key of a certificate authority is not our seal's."""
    with another_seal():
        contract, earlier = voided(actor), check_seal()
    forget_key(earlier.fingerprint)
    file = tmp_path / "earlier.pem"
    file.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in (earlier.certificate, root.certificate)))
    settings.SEAL_EARLIER_CERTIFICATES = str(file)

    assert trust().keys == {earlier.fingerprint, check_seal().fingerprint}
    assert codes(file_of(contract)) == ["sealed", "voided"]
    assert [one for one in told()[0] if earlier.fingerprint not in one] == []  # the daily list names the missing row


def test_the_configured_key_is_ours_before_it_has_sealed(another_seal):
    assert our_trust().keys == {check_seal().fingerprint}
    assert codes(sealing.seal(make_draft(), number="EC1", issuer_name="Ours")) == ["not_registered"]
