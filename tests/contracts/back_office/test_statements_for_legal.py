"""How many statements the pages of Legal take, whatever there is of versions, clauses and contracts."""

import pytest

from contracts.models import ClauseVersion
from contracts.services.publishing import prepare_clauses, prepare_issuer, publish_clauses
from tests import factories
from tests.contracts.back_office.legal import CLAUSES, ISSUER, in_force, legal, member_of

pytestmark = pytest.mark.django_db
SIGNING_IN = 4
"""Session, user, and the permissions of the user and of the groups."""


@pytest.fixture
def client(issuer):
    """Of Legal, who has published five versions, of which contracts use one, and prepared more."""
    for _ in range(5):
        publish_clauses(version=prepare_clauses(type="order", by=legal()), by=legal())
    actor = factories.member()
    for _ in range(3):
        factories.draft(actor)
    prepare_clauses(type="order", by=legal())
    prepare_issuer(by=legal("accounts.change_issuer"))
    return member_of("Legal")


@pytest.mark.parametrize("place", [CLAUSES, ISSUER])
def test_the_list(client, place, django_assert_max_num_queries):
    with django_assert_max_num_queries(SIGNING_IN + 4):
        assert client.get(f"{place}/").status_code == 200


def test_a_published_version(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(SIGNING_IN + 8):
        assert client.get(f"{CLAUSES}/{in_force().pk}/change/").status_code == 200


def test_a_version_to_edit(client, django_assert_max_num_queries):
    prepared = ClauseVersion.objects.get(published_at=None)
    with django_assert_max_num_queries(SIGNING_IN + 14):
        assert client.get(f"{CLAUSES}/{prepared.pk}/change/").status_code == 200


def test_the_page_before_publishing(client, django_assert_max_num_queries):
    prepared = ClauseVersion.objects.get(published_at=None)
    with django_assert_max_num_queries(SIGNING_IN + 16):
        assert client.get(f"{CLAUSES}/{prepared.pk}/publish/").status_code == 200
