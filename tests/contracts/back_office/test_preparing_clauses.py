"""Legal prepares the next version of the clauses: a copy of what is in force, edited until it is published."""

from re import sub

import pytest
from django.contrib.admin.models import LogEntry

from common.errors import Refused
from contracts.models import Clause, ClauseVersion
from contracts.pdf.clauses import VARIABLES
from contracts.services.publishing import discard, get_variable_meanings, prepare_clauses, publish_clauses
from tests.contracts.back_office.legal import CLAUSES, clause, holder_of, in_force, legal, member_of, sent_by
from tests.contracts.test_concurrency import at_once
from tests.tampering import guards_lifted

pytestmark = pytest.mark.django_db


@pytest.fixture
def version():
    return prepare_clauses(type="order", by=legal())


@pytest.fixture
def client():
    return member_of("Legal")


def name_in_form(match):
    return f"clauses-{match[1]}-" if match[1] else "clauses-"


def save(client, version, **changed):
    """Open the edit page and save it with these fields changed; `clauses_2_text_en` stands for `clauses-2-text_en`."""
    address = f"{CLAUSES}/{version.pk}/change/"
    fields = {sub(r"^clauses_(?:(\d+)_)?", name_in_form, name): value for name, value in changed.items()}
    return client.post(address, sent_by(client.get(address)) | fields)


def test_it_begins_as_a_copy_of_what_is_in_force_with_the_next_number(version):
    assert (version.version, version.published) == (2, False)
    assert version.texts() == in_force().texts()
    assert in_force().version == 1


def test_the_page_says_what_each_variable_stands_for(client, version):
    page = client.get(f"{CLAUSES}/{version.pk}/change/").content.decode()
    assert set(get_variable_meanings()) == set(VARIABLES)
    for name, meaning in get_variable_meanings().items():
        assert f"<code>{{{name}}}</code>: {meaning}" in page


def test_each_type_has_its_own_numbers(version):
    other = prepare_clauses(type="payment_request", by=legal())
    assert other.version == 2
    assert other.texts() == in_force("payment_request").texts() != version.texts()


def test_preparing_again_goes_on_with_what_was_begun(version):
    Clause.objects.filter(version=version, position=1).update(text_en="Edited")
    again = prepare_clauses(type="order", by=legal())
    assert again == version
    assert clause(again).text_en == "Edited"


def test_the_first_version_of_an_installation_without_any_begins_empty():
    with guards_lifted():
        for model in (Clause, ClauseVersion):
            model._base_manager.all()._raw_delete("default")
    assert prepare_clauses(type="order", by=legal()).version == 1


def test_there_is_no_other_type():
    with pytest.raises(Refused, match="contract type does not exist"):
        prepare_clauses(type="lease", by=legal())


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_many_clicks_at_once_begin_one_version():
    actors = [legal() for _ in range(8)]
    outcomes = at_once([lambda by=by: prepare_clauses(type="order", by=by) for by in actors])
    assert len(set(outcomes)) == 1, outcomes
    assert ClauseVersion.objects.filter(type="order").count() == 2
    assert Clause.objects.filter(version=outcomes[0]).count() == len(in_force().texts())


def test_the_button_on_the_list_leads_to_the_page_to_edit(client):
    assert 'name="type" value="payment_request"' in client.get(f"{CLAUSES}/").text
    answer = client.post(f"{CLAUSES}/prepare/", {"type": "payment_request"})
    version = ClauseVersion.objects.get(published_at=None)
    assert answer["Location"] == f"{CLAUSES}/{version.pk}/change/"
    assert version.type == "payment_request"


def test_the_list_says_which_is_in_force(client, version):
    publish_clauses(version=version, by=legal())
    prepare_clauses(type="order", by=legal())
    page = client.get(f"{CLAUSES}/")
    states = [str(page.context["cl"].model_admin.state(row)) for row in page.context["cl"].result_list]
    assert states == ["In preparation", "In force", "Replaced", "In force"]


@pytest.mark.parametrize("role", ["Finance", "Auditor"])
def test_others_read_and_have_no_button(version, role):
    reader = member_of(role)
    assert "prepare/" not in reader.get(f"{CLAUSES}/").text
    page = reader.get(f"{CLAUSES}/{version.pk}/change/")
    assert "Subject and basis" in page.text
    assert "<textarea" not in page.text
    assert f"{version.pk}/publish/" not in page.text
    assert reader.post(f"{CLAUSES}/prepare/", {"type": "order"}).status_code == 403
    assert reader.post(f"{CLAUSES}/{version.pk}/change/", {"_save": "1"}).status_code == 403
    assert reader.post(f"{CLAUSES}/{version.pk}/publish/").status_code == 403
    assert reader.post(f"{CLAUSES}/{version.pk}/discard/").status_code == 403


def test_a_link_prepares_nothing(client):
    assert client.get(f"{CLAUSES}/prepare/").status_code == 403
    assert not ClauseVersion.objects.filter(published_at=None).exists()


def test_texts_are_edited_and_kept_as_they_are_printed(client, version):
    answer = save(
        client, version, clauses_0_text_en="  One\u200b \r\n\r\n two  {count} ", clauses_0_heading_zh="标 的\n"
    )
    assert answer.status_code == 302
    edited = clause(version)
    assert (edited.text_en, edited.heading_zh) == ("One\ntwo {count}", "标 的")
    assert clause(in_force()).text_en != edited.text_en


def new_clause(version, heading, position):
    """Another form behind those that are there."""
    i = version.clauses.count()
    values = {"position": position, "heading_en": heading, "heading_zh": "新", "text_en": "New.", "text_zh": "新。"}
    return {"clauses_TOTAL_FORMS": i + 1} | {f"clauses_{i}_{name}": value for name, value in values.items()}


def headings(version):
    return list(version.clauses.values_list("heading_en", flat=True))


def test_a_new_clause_takes_the_place_it_is_given(client, version):
    before = headings(version)
    save(client, version, **new_clause(version, "Data", 3))
    assert headings(version) == [*before[:2], "Data", *before[2:]]
    assert list(version.clauses.values_list("position", flat=True)) == list(range(1, len(before) + 2))


def test_a_new_clause_without_a_place_is_the_last(client, version):
    save(client, version, **new_clause(version, "Data", ""))
    assert headings(version)[-1] == "Data"


@pytest.mark.parametrize(("old", "new"), [(2, 5), (5, 2), (1, 10), (10, 1)])
def test_a_clause_is_moved_to_another_place(client, version, old, new):
    expected = headings(version)
    expected.insert(new - 1, expected.pop(old - 1))
    save(client, version, **{f"clauses_{old - 1}_position": new})
    assert headings(version) == expected


def test_a_clause_is_taken_out_and_the_others_close_the_gap(client, version):
    before = headings(version)
    save(client, version, clauses_3_DELETE="on")
    assert headings(version) == [*before[:3], *before[4:]]
    assert list(version.clauses.values_list("position", flat=True)) == list(range(1, len(before)))


@pytest.mark.parametrize(
    ("field", "text", "named"),
    [
        ("text_en", "{count.__class__}", "{count.__class__} is not a variable"),
        ("text_zh", "订单 {0} 笔", "{0} is not a variable"),
        ("text_en", "One { brace", "{ is not a variable"),
        ("heading_en", "{count} orders", "{count} is not allowed"),
        ("text_en", "rocket \U0001f680", "\U0001f680 (U+1F680)"),
        ("heading_zh", "\U00020bb7 野家", "\U00020bb7 (U+20BB7)"),
        ("text_en", "\u200b", "This is empty."),
        ("text_zh", "", "This field is required."),
        ("text_en", "x" * 4001, "at most 4000 characters"),
        ("heading_en", "x" * 101, "at most 100 characters"),
    ],
)
@pytest.mark.rule("R28")
def test_a_text_that_could_not_be_printed_is_refused_and_its_clause_named(client, version, field, text, named):
    page = save(client, version, **{f"clauses_2_{field}": text})
    assert page.status_code == 200
    assert "Clause 3 (" in page.text
    errors = page.context["inline_admin_formsets"][0].formset.errors
    assert [bool(found) for found in errors] == [i == 2 for i in range(len(errors))]
    assert named in str(errors[2][field])
    assert version.texts() == in_force().texts()


def test_more_clauses_than_a_page_holds_are_refused(client, version):
    page = save(client, version, clauses_TOTAL_FORMS=101)
    assert page.status_code == 200
    assert page.context["inline_admin_formsets"][0].formset.non_form_errors()


def test_two_peoples_edits_do_not_overwrite_each_other(client, version):
    address = f"{CLAUSES}/{version.pk}/change/"
    hers = sent_by(client.get(address))
    save(member_of("Legal"), version, clauses_0_text_en="His.")
    page = client.post(address, hers | {"clauses-0-text_en": "Hers."})
    assert "Someone changed this version after you opened the page" in page.text
    assert clause(version).text_en == "His."


def test_clauses_of_another_version_are_not_reached_through_the_form(client, version):
    address = f"{CLAUSES}/{version.pk}/change/"
    data = sent_by(client.get(address)) | {"clauses-0-id": clause(in_force()).pk, "clauses-0-text_en": "Changed"}
    before = in_force().texts()
    client.post(address, data)
    assert in_force().texts() == before
    assert version.texts() == before


def test_a_version_in_preparation_can_be_given_up(client, version):
    page = client.get(f"{CLAUSES}/{version.pk}/discard/")
    assert "Version 1 stays in force" in page.text
    answer = client.post(f"{CLAUSES}/{version.pk}/discard/", {"seen": page.context["form"]["seen"].value()})
    assert answer["Location"] == f"{CLAUSES}/"
    assert not ClauseVersion.objects.filter(pk=version.pk).exists()
    assert prepare_clauses(type="order", by=legal()).version == 2


def test_what_was_given_up_meanwhile_is_not_given_up_again(version):
    discard(version=version, by=legal())
    with pytest.raises(Refused, match="was discarded"):
        discard(version=version, by=legal())


def test_changing_alone_does_not_let_publish(version):
    editor = holder_of("view_clauseversion", "change_clauseversion")
    page = editor.get(f"{CLAUSES}/{version.pk}/change/")
    assert "<textarea" in page.text
    assert 'value="publish"' not in page.text
    assert editor.post(f"{CLAUSES}/{version.pk}/publish/", {"seen": ""}).status_code == 403
    assert not ClauseVersion.objects.get(pk=version.pk).published


def test_publish_saves_what_is_typed_and_then_asks(client, version):
    answer = save(client, version, clauses_0_text_en="Typed just now", _then="publish")

    assert answer.url == f"{CLAUSES}/{version.pk}/publish/"
    assert clause(version).text_en == "Typed just now"
    assert "Typed just now" in client.get(answer.url).text


def test_publish_keeps_what_is_wrong_on_the_page(client, version):
    answer = save(client, version, clauses_0_text_en="Typed {nonsense} now", _then="publish")

    assert answer.status_code == 200
    assert "Typed {nonsense} now" in answer.text
    assert "Typed" not in clause(version).text_en


def test_publish_leaves_no_entry_in_the_history_where_nothing_was_changed(client, version):
    save(client, version, _then="publish")

    assert not LogEntry.objects.exists()


def test_only_who_may_publish_is_led_there(version):
    editor = holder_of("view_clauseversion", "change_clauseversion", "view_clause")

    answer = save(editor, version, _then="publish")

    assert answer.url == f"{CLAUSES}/{version.pk}/change/"
