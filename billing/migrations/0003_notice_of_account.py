import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def forget_notices(apps, schema_editor):
    """They name their account in `facts` alone. No release sent any: these are of machines that tried it out."""
    apps.get_model("billing", "Notice").objects.using(schema_editor.connection.alias).all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0002_back_office'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(forget_notices, migrations.RunPython.noop),
        migrations.AlterModelOptions(
            name='notice',
            options={'ordering': ['-pk'], 'permissions': [('send_notice_again', 'Can send email notices again that were given up')], 'verbose_name': 'email notice', 'verbose_name_plural': 'email notices'},
        ),
        migrations.AddField(
            model_name='notice',
            name='account',
            field=models.ForeignKey(default=None, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='billing.account', verbose_name='account'),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='notice',
            name='facts',
            field=models.JSONField(default=dict),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('state', 'failed')), fields=['-id'], name='notice_given_up'),
        ),
    ]
