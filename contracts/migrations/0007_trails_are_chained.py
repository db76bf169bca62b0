from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from contracts import chain

BATCH = 1000
"""Contracts whose events are held in memory at a time."""


def chain_trails(apps: Any, schema_editor: Any) -> None:
    """Give every event that is there its position, the hash before it and its own, contract by contract."""
    using = schema_editor.connection.alias
    contracts = apps.get_model("contracts", "Contract").objects.using(using).order_by("pk")
    events = apps.get_model("contracts", "AuditEvent").objects.using(using)
    table = schema_editor.quote_name(events.model._meta.db_table)
    with schema_editor.connection.cursor() as cursor:  # what an earlier `migrate`, that was taken back, put up
        of_postgresql = schema_editor.connection.vendor == "postgresql"
        standing = "tgname FROM pg_trigger WHERE tgname" if of_postgresql else "name FROM sqlite_master WHERE name"
        cursor.execute(f"SELECT {standing} LIKE 'kept_auditevent_edited%%'", [])
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if of_postgresql else ""))
    last = 0
    while numbers := dict(contracts.filter(pk__gt=last).values_list("pk", "number")[:BATCH]):
        last = max(numbers)
        chained = list(events.filter(contract__in=numbers).order_by("contract_id", "pk"))
        for before, event in zip([None, *chained], chained, strict=False):
            follows = before is not None and before.contract_id == event.contract_id
            event.position, event.previous = (before.position + 1, before.hash) if follows else (1, "")
            event.hash = chain.digest(event, numbers[event.contract_id])
        with schema_editor.connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {table} SET position = %s, previous = %s, hash = %s WHERE id = %s",
                [(event.position, event.previous, event.hash, event.pk) for event in chained],
            )


class Migration(migrations.Migration):

    dependencies = [
        ("contracts", "0006_lines_of_a_contract"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="position",
            field=models.PositiveIntegerField(default=0, help_text="In the trail of the contract, from 1.", verbose_name="position"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="auditevent",
            name="previous",
            field=models.CharField(blank=True, default="", help_text="Empty for the first.", max_length=64, verbose_name="previous hash"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="auditevent",
            name="hash",
            field=models.CharField(default="", help_text="SHA-256 over all of the event, in hex.", max_length=64, verbose_name="hash"),
            preserve_default=False,
        ),
        migrations.RunPython(chain_trails, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="auditevent",
            constraint=models.UniqueConstraint(fields=("contract", "position"), name="one_event_a_position"),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="contract",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="events", to="contracts.contract", verbose_name="contract"),
        ),
    ]
