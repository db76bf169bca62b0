"""What every installation begins with, after each `migrate`: the roles of staff, and version 1 of the clauses."""

from typing import Any

from django.apps import apps as installed
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from contracts.operations.roles import ROLES
from contracts.types import TYPES, ContractType


def install_shipped(*, apps: Any = installed, using: str = DEFAULT_DB_ALIAS, **_: object) -> None:
    """Django's `post_migrate`, whose `apps` are the models as migrated so far. What is there already stays.

    After a `flush` no `apps` are given: all is migrated then.
    """
    try:
        apps.get_model("contracts", "Clause")
        apps.get_model("auth", "Group")
    except LookupError:
        return  # on the way to, or back from, a version of the database that has them
    _install_roles(apps, using)
    for type_ in TYPES.values():
        _install_clauses(apps, using, type_)


def _install_roles(apps: Any, using: str) -> None:
    """Every role has at least its permissions; what an operator added to one stays."""
    groups = apps.get_model("auth", "Group").objects.using(using)
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    for name, condition in ROLES.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*permissions.filter(condition))


def _install_clauses(apps: Any, using: str, type_: ContractType) -> None:
    versions = apps.get_model("contracts", "ClauseVersion").objects.using(using)
    version, is_new = versions.get_or_create(type=type_.value, version=1, defaults={"published_at": timezone.now()})
    if is_new:
        clause = apps.get_model("contracts", "Clause")
        clause.objects.using(using).bulk_create(
            clause(version=version, position=position, **text._asdict())
            for position, text in enumerate(type_.clauses, start=1)
        )
