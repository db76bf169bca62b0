import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Begin the table anew: kept answers held secrets, and nothing says which token their keys came with."""

    dependencies = [
        ('billing', '0013_currency_status_and_jobs'),
        ('contracts', '0012_what_was_typed'),
    ]

    operations = [
        migrations.DeleteModel(name='IdempotentRequest'),
        migrations.CreateModel(
            name='IdempotentRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=255)),
                ('fingerprint', models.CharField(help_text='SHA-256 of method, path and body.', max_length=64)),
                ('status_code', models.PositiveSmallIntegerField(null=True)),
                ('answer', models.JSONField(help_text='Without secrets.', null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('token', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='billing.apitoken')),
            ],
            options={
                'indexes': [models.Index(fields=['created_at'], name='idempotent_request_age')],
                'constraints': [models.UniqueConstraint(fields=('token', 'key'), name='idempotency_key_used_once_by_token')],
            },
        ),
    ]
