"""The sidebar lists the same models in the same order in every language."""

import pytest
from django.contrib import admin

from config.back_office import MODELS
from tests.billing.bookkeeping import client_of, somebody

pytestmark = pytest.mark.django_db


def order(language: str) -> list[str]:
    client = client_of(somebody(is_superuser=True))
    client.cookies["django_language"] = language
    apps = client.get("/admin/auth/group/").context["available_apps"]
    return [model["object_name"] for app in apps for model in app["models"]]


def test_the_order_does_not_depend_on_the_language():
    assert order("en") == order("zh-hans") == list(MODELS)


def test_every_model_has_its_place():
    assert {model.__name__ for model in admin.site._registry} == set(MODELS)
