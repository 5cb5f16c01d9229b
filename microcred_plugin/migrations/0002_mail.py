import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from microcred_plugin.database import check


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('microcred_plugin', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='MailOptOut',
            fields=[
                ('learner_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_backfill', models.BooleanField(default=False)),
                ('send_at', models.DateTimeField(blank=True, null=True)),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('outcome', models.CharField(blank=True, choices=[('', 'Waiting'), ('sent', 'Sent'), ('unwanted', 'Not wanted, by the learner or by a policy'), ('unreachable', 'No address that could be written to'), ('overtaken', 'Not true any more, or too late'), ('failed', 'Could not be sent')], default='', max_length=16)),
                ('done_at', models.DateTimeField(blank=True, db_index=True, null=True)),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='mail', to='microcred_plugin.awardevent', to_field='uuid')),
                ('learner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-id',),
                'indexes': [models.Index(fields=['is_backfill', 'send_at'], name='microcred_mail_queue')],
            },
        ),
        migrations.AddConstraint(
            model_name='mail',
            constraint=check(condition=models.Q(models.Q(('done_at', None), ('outcome', ''), ('send_at__isnull', False)), models.Q(models.Q(('outcome', ''), _negated=True), ('done_at__isnull', False), ('send_at', None)), _connector='OR'), name='microcred_mail_done'),
        ),
    ]
