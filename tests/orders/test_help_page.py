"""Help: the products that support contracts, and an anchor for every question (R6, R13)."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests import factories

TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))


@pytest.fixture
def visit(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@pytest.mark.rule("R6")
def test_it_lists_the_supported_products_alphabetically_each_with_an_anchor(visit):
    for name in ("zebra storage", "Apple Compute", "mango CDN"):
        factories.ProductFactory(name=name, code=name.split()[0].lower())
    factories.ProductFactory(name="Closed", supports_contracts=False)

    text = visit.get("/help/").text

    assert re.findall(r'id="product-(\w+)"', text) == ["apple", "mango", "zebra"]
    assert "Closed" not in text


@pytest.mark.rule("R6")
def test_a_product_is_found_by_name_or_code(visit):
    factories.ProductFactory(name="Elastic Compute", code="ecs")
    factories.ProductFactory(name="Object Storage", code="oss")
    factories.ProductFactory(name="Domain Names", code="domain", supports_contracts=False)

    for asked in ("elastic", "ECS"):
        text = visit.get(f"/help/?product={asked}").text
        assert "Elastic Compute" in text
        assert "Object Storage" not in text
    assert "No supported product matches “domain”" in visit.get("/help/?product=domain").text


def test_products_are_text_and_never_markup(visit):
    factories.ProductFactory(name="<b>Bold</b>", code='x"onclick')

    text = visit.get("/help/?product=<b>").text

    assert "<b>" not in text
    assert 'x"onclick' not in text


@pytest.mark.django_db
def test_every_link_to_a_question_leads_to_one(visit):
    anchors = set(re.findall(r'id="([\w-]+)"', visit.get("/help/").text))
    linked = {
        anchor for template in TEMPLATES for anchor in re.findall(r"{% url 'help' %}#([\w-]+)", template.read_text())
    }

    assert linked
    assert linked <= anchors
    assert {"products", "remittance"} <= anchors


@pytest.mark.django_db
def test_it_is_for_those_signed_in():
    assert Client().get("/help/")["Location"] == "/login/?next=/help/"


def test_it_takes_the_same_few_statements_whatever_it_shows(visit, django_assert_max_num_queries):
    factories.ProductFactory.create_batch(50)

    with django_assert_max_num_queries(5):
        visit.get("/help/")
