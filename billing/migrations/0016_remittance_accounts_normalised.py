from django.db import migrations

from billing.normal_forms import normalise_identifier


def normalise(apps, schema_editor):
    """Store the numbers as they are looked up now. There is one for each account, and few hold spaces."""
    rows = apps.get_model('billing', 'RemittanceAccount').objects
    for row in rows.select_related('account').iterator():
        number = normalise_identifier(row.account_number)
        if number == row.account_number:
            continue
        if twin := rows.filter(account_number=number).exclude(pk=row.pk).first():
            raise ValueError(
                f'Accounts {row.account.number} and {twin.account.number} have the same remittance account number,'
                ' written differently. Correct one of them in the admin, then migrate again.'
            )
        row.account_number = number
        row.save(update_fields=['account_number'])


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0015_document_language'),
    ]

    operations = [
        migrations.RunPython(normalise, migrations.RunPython.noop),
        migrations.RemoveIndex(
            model_name='remittanceaccount',
            name='remittance_without_spaces',
        ),
    ]
