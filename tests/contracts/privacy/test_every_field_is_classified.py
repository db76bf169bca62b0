"""Nobody adds a field that may hold a person's data without saying what becomes of it."""

import re
from pathlib import Path

from django.apps import apps
from django.db import models

from contracts.operations.privacy.fields import FIELDS, Treatment

PAGE = (Path(__file__).resolve().parents[3] / "docs/privacy.md").read_text()
HARMLESS = (models.IntegerField, models.BooleanField, models.DecimalField, models.ForeignKey)
"""Numbers, flags and keys to other rows."""


def may_be_personal(field: models.Field) -> bool:
    return not isinstance(field, HARMLESS)


def test_every_field_that_may_hold_personal_data_is_listed():
    there = {
        (model._meta.label, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if may_be_personal(field)
    }
    listed = {(model, field) for model, fields in FIELDS.items() for field in fields}
    assert there - listed == set(), "say in operations/privacy/fields.py and docs/privacy.md what becomes of these"
    assert listed - there == set(), "these fields are no more"


def test_the_page_tells_of_every_field_that_is_personal():
    told = {
        (model, field)
        for model, fields in re.findall(r"^\| `(\w+\.\w+)` \| ([^|]+) \|", PAGE, re.MULTILINE)
        for field in re.findall(r"`(\w+)`", fields)
    }
    ours = {Treatment.NOBODYS, Treatment.OURS}
    personal = {
        (model, field) for model, fields in FIELDS.items() for field, kept in fields.items() if kept not in ours
    }
    assert personal - told == set()
    assert told - personal == set()
