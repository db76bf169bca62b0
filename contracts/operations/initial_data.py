"""Data of every installation, created after each `migrate`: staff roles, and version 1 of the clauses."""

from typing import Any

from django.apps import apps as installed
from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from contracts.operations.roles import ROLES
from contracts.types import TYPES, ContractType


def install_shipped(*, apps: Any = installed, using: str = DEFAULT_DB_ALIAS, **_: object) -> None:
    """Create missing roles and clauses. Handler of Django's `post_migrate`; `apps` are the models as migrated so far.

    After a `flush`, Django passes no `apps`: everything is migrated then.
    """
    try:
        apps.get_model("contracts", "Clause")
        apps.get_model("auth", "Group")
    except LookupError:
        return  # this point of the migrations lacks the tables
    _install_roles(apps, using)
    for type_ in TYPES.values():
        _install_clauses(apps, using, type_)


def _install_roles(apps: Any, using: str) -> None:
    """Add missing permissions to every role; those added by an operator stay."""
    groups = apps.get_model("auth", "Group").objects.using(using)
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    for name, condition in ROLES.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*permissions.filter(condition))


def _install_clauses(apps: Any, using: str, type_: ContractType) -> None:
    versions = apps.get_model("contracts", "ClauseVersion").objects.using(using)
    with transaction.atomic(using):
        version, is_new = versions.get_or_create(type=type_.value, version=1)
        if is_new:  # published last: the database refuses clauses of published versions (trail/guards.py)
            clause = apps.get_model("contracts", "Clause")
            clause.objects.using(using).bulk_create(
                clause(version=version, position=position, **text._asdict())
                for position, text in enumerate(type_.clauses, start=1)
            )
            versions.filter(pk=version.pk).update(published_at=timezone.now())
