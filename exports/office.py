"""Exports of the back office: the rows of its lists and reports, for staff who may read them (R43)."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from common.errors import Refused
from common.tables import Format, Table
from exports.exporters import Parameters
from exports.models import Export


@dataclass(frozen=True, slots=True)
class OfficeExporter:
    """Tables of the records of all accounts."""

    name: str
    """Also the beginning of the file's name."""
    permission: str
    """`app.codename`, to read the records."""
    count: Callable[[User, Parameters, datetime, int], int]
    """Returns how many rows there are, at most the last argument."""
    tables: Callable[[User, Parameters, datetime, Format], list[Table]]
    """Returns the sheets of a workbook, or the one table of a CSV file, with titles in the active language."""


OFFICE_EXPORTERS: dict[str, OfficeExporter] = {}


def register_office_exporter(exporter: OfficeExporter) -> OfficeExporter:
    """Add an exporter. Called from the owning app's `ready`."""
    OFFICE_EXPORTERS[exporter.name] = exporter
    return exporter


def get_listed_rows(model: type[Model], user: User, query: str) -> "QuerySet[Any]":
    """Return the rows that the model's list shows to `user` for this query string, on all its pages.

    Raises Refused `invalid` for a filter that the list does not have.
    """
    request = HttpRequest()
    request.method, request.GET, request.user = "GET", QueryDict(query), user
    try:
        return admin.site.get_model_admin(model).get_changelist_instance(request).queryset
    except (IncorrectLookupParameters, DisallowedModelAdminLookup) as error:
        raise Refused("invalid", _("The list has no such filter.")) from error


def get_office_export(user: User, id_: uuid.UUID) -> Export:
    """Return the user's own export of the back office.

    Raises Http404 for any other, PermissionDenied if the user may no longer read the records.
    """
    export_ = get_object_or_404(Export, pk=id_, account=None, user=user.pk)
    if not user.has_perm(OFFICE_EXPORTERS[export_.exporter].permission):
        raise PermissionDenied
    return export_
