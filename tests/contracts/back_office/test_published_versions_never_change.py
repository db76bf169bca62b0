"""Whoever asks, in whatever way: a published version of the clauses or the issuer stays what it is (R23)."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction

from accounts.models import Issuer
from contracts.models import Clause, ClauseVersion
from contracts.services.publishing import prepare_clauses, prepare_issuer
from tests.contracts.back_office.legal import CLAUSES, ISSUER, clause, in_force, legal, sent_by, superuser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock"), pytest.mark.rule("R23")]
MODELS = {CLAUSES: ClauseVersion, ISSUER: Issuer}


def rows():
    return [list(model.objects.order_by("pk").values()) for model in (ClauseVersion, Clause, Issuer)]


@pytest.fixture(autouse=True)
def _nothing_changes(issuer):
    before = rows()
    yield
    assert rows() == before


@pytest.mark.parametrize("place", [CLAUSES, ISSUER])
@pytest.mark.parametrize("name", ["change", "delete", "publish", "discard"])
def test_no_address_of_a_published_version_changes_it(place, name):
    client = superuser()
    published = MODELS[place].objects.latest("pk")
    data = {"_save": "1", "seen": "", "post": "yes", "name": "Other", "version": "9", "published_at_0": "", "type": "x"}
    data |= {"clauses-TOTAL_FORMS": "0", "clauses-INITIAL_FORMS": "0"}
    answer = client.post(f"{place}/{published.pk}/{name}/", data)
    assert answer.status_code in ((302,) if name in ("publish", "discard") else (403,))


@pytest.mark.parametrize("place", [CLAUSES, ISSUER])
def test_neither_is_one_added_nor_changed_in_the_list(place):
    client = superuser()
    published = MODELS[place].objects.latest("pk")
    assert client.get(f"{place}/add/").status_code == 403
    assert client.post(f"{place}/add/", {"version": "9", "_save": "1"}).status_code == 403
    for action in ("delete_selected", "publish", "discard"):
        client.post(
            f"{place}/", {"action": action, "_selected_action": [published.pk], "post": "yes", "select_across": "1"}
        )
    client.post(
        f"{place}/", {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": published.pk, "_save": "Save"}
    )
    client.post(f"{place}/{published.pk}/history/", {})


@pytest.mark.parametrize("again", ["save", "delete"])
def test_the_rows_themselves_refuse(issuer, again):
    version = in_force()
    for row in (issuer, version, clause(version)):
        with pytest.raises(TypeError, match="never changes"):
            getattr(row, again)()


def test_rows_in_numbers_refuse(issuer):
    version = in_force()
    row = clause(version)
    row.text_en = "Changed"
    for change in (
        lambda: Issuer.objects.update(name="Other"),
        lambda: Issuer.objects.all().delete(),
        lambda: ClauseVersion.objects.update(published_at=None),
        lambda: ClauseVersion.objects.filter(pk=version.pk).delete(),
        lambda: version.clauses.update(text_en="Changed"),
        lambda: version.clauses.all().delete(),
        lambda: Clause.objects.bulk_update([row], ["text_en"]),
        lambda: Clause.objects.bulk_create([Clause(version=version, position=99)]),
        lambda: version.clauses.create(position=99, heading_en="New"),
        lambda: Issuer(pk=issuer.pk, version=9, name="Other").save(),
        lambda: Clause(pk=row.pk, version=version, position=1, text_en="Changed").save(),
    ):
        with pytest.raises(TypeError, match="never changes"), transaction.atomic():
            change()


def test_installing_again_leaves_them_as_they_are():
    Group.objects.all().delete()
    call_command("migrate", verbosity=0)


class TestBesideOneInPreparation:
    """The version in preparation is no way into the published one."""

    @pytest.fixture(autouse=True)
    def _published_rows(self, _nothing_changes):
        yield
        Clause.objects.filter(version__published_at=None).delete()
        ClauseVersion.objects.filter(published_at=None).delete()
        Issuer.objects.filter(published_at=None).delete()

    def test_a_clause_cannot_be_moved_to_it_or_out_of_it(self):
        prepared = prepare_clauses(type="order", by=legal())
        mine, theirs = clause(prepared), clause(in_force())
        mine.version = in_force()
        theirs.version = prepared
        for row in (mine, theirs):
            with pytest.raises(TypeError, match="never changes"):
                row.save()

    def test_its_form_does_not_publish_it_or_give_it_another_number(self):
        client = superuser()
        prepared = prepare_issuer(by=legal("accounts.change_issuer"))
        address = f"{ISSUER}/{prepared.pk}/change/"
        more = {"version": "77", "published_at": "2026-01-01", "published_at_0": "2026-01-01", "published_by": "1"}
        assert client.post(address, sent_by(client.get(address)) | more).status_code == 302
        prepared.refresh_from_db()
        assert prepared.version == Issuer.objects.current().version + 1
        assert (prepared.published_at, prepared.published_by) == (None, None)
