import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from microcred_plugin.database import check


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Award',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('held', 'Waiting for approval'), ('active', 'Active'), ('suspended', 'Suspended'), ('declined', 'Declined'), ('revoked', 'Revoked'), ('expired', 'Expired')], max_length=16)),
                ('slot', models.PositiveSmallIntegerField(default=1, editable=False, null=True)),
                ('met_on', models.DateTimeField(blank=True, null=True)),
                ('valid_from', models.DateTimeField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('is_manual', models.BooleanField(default=False)),
                ('suspended_by_policy', models.BooleanField(default=False)),
                ('suspended_by_person', models.BooleanField(default=False)),
                ('cause', models.CharField(choices=[('event', 'An event of the platform'), ('publication', 'A publication'), ('reconcile', 'A reconciliation'), ('person', 'A person'), ('time', 'The passing of time'), ('undo', 'An undone publication')], max_length=16)),
                ('cause_id', models.CharField(blank=True, max_length=255)),
                ('is_hidden', models.BooleanField(default=False, help_text='The learner leaves it out of their page; it counts the same.')),
                ('created', models.DateTimeField()),
                ('modified', models.DateTimeField()),
                ('learner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-valid_from', '-id'),
            },
        ),
        migrations.CreateModel(
            name='AwardEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('held', 'Waiting for approval'), ('earned', 'Earned'), ('approved', 'Approved'), ('declined', 'Declined'), ('renewed', 'Renewed'), ('suspended', 'Suspended'), ('reinstated', 'Reinstated'), ('revoked', 'Revoked'), ('expired', 'Expired')], max_length=16)),
                ('at', models.DateTimeField()),
                ('cause', models.CharField(choices=[('event', 'An event of the platform'), ('publication', 'A publication'), ('reconcile', 'A reconciliation'), ('person', 'A person'), ('time', 'The passing of time'), ('undo', 'An undone publication')], max_length=16)),
                ('cause_id', models.CharField(blank=True, max_length=255)),
                ('reason', models.TextField(blank=True)),
                ('announcement', models.CharField(blank=True, choices=[('', 'Nothing'), ('awarded', 'Awarded'), ('revoked', 'Revoked')], default='', max_length=16)),
                ('announced_at', models.DateTimeField(blank=True, null=True)),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('actor', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('award', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='history', to='microcred_plugin.award', to_field='uuid')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='BadgeImage',
            fields=[
                ('digest', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('content_type', models.CharField(max_length=64)),
                ('content', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='LearnerLock',
            fields=[
                ('learner_id', models.BigIntegerField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='Microcredential',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('slug', models.SlugField(max_length=100, unique=True)),
                ('organization', models.CharField(help_text='The short name.', max_length=255)),
                ('title', models.CharField(max_length=255)),
                ('visibility', models.CharField(choices=[('public', 'Public'), ('organization', 'The organisation'), ('unlisted', 'Unlisted')], default='public', max_length=16)),
                ('switch', models.CharField(choices=[('off', 'Off'), ('observe', 'Observe only'), ('on', 'On')], default='on', max_length=16)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('modified', models.DateTimeField(auto_now=True)),
            ],
            options={
                'ordering': ('organization', 'title', 'id'),
            },
        ),
        migrations.CreateModel(
            name='MicrocredentialVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('closed', 'Closed'), ('withdrawn', 'Withdrawn')], default='draft', max_length=16)),
                ('draft_slot', models.PositiveSmallIntegerField(default=1, editable=False, help_text='1 in a draft, else empty.', null=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('closes_at', models.DateTimeField(blank=True, null=True)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('modified', models.DateTimeField(auto_now=True)),
                ('title', models.CharField(max_length=255)),
                ('description', models.TextField(blank=True)),
                ('language', models.CharField(default='en', max_length=16)),
                ('skills', models.JSONField(blank=True, default=list)),
                ('workload_hours', models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                ('credit_value', models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                ('credit_kind', models.CharField(blank=True, help_text='ECTS, CEU, …', max_length=64)),
                ('level', models.CharField(blank=True, max_length=64)),
                ('level_framework', models.CharField(blank=True, help_text='EQF, …', max_length=64)),
                ('assessment_type', models.CharField(blank=True, max_length=255)),
                ('supervision', models.CharField(blank=True, max_length=255)),
                ('participation', models.CharField(blank=True, max_length=255)),
                ('quality_assurance', models.CharField(blank=True, max_length=255)),
                ('prerequisites', models.TextField(blank=True)),
                ('requirements', models.JSONField(blank=True, null=True)),
                ('eligibility', models.JSONField(blank=True, null=True)),
                ('renewal', models.JSONField(blank=True, null=True)),
                ('policy', models.CharField(choices=[('keep', 'Keep'), ('suspend', 'Suspend'), ('revoke', 'Revoke')], default='keep', max_length=16)),
                ('needs_approval', models.BooleanField(default=False)),
                ('validity_months', models.PositiveIntegerField(blank=True, null=True)),
                ('grace_days', models.PositiveIntegerField(default=0)),
                ('names', models.JSONField(blank=True, default=dict, help_text='Titles of what the trees name, as published.')),
                ('depth', models.PositiveSmallIntegerField(default=1, help_text='How high the stack was, as published; 1 stands by itself.')),
                ('image', models.ForeignKey(blank=True, help_text='Without one, a badge is drawn.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='microcred_plugin.badgeimage')),
                ('microcredential', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='microcred_plugin.microcredential')),
                ('supersedes', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='microcred_plugin.microcredential')),
            ],
            options={
                'ordering': ('microcredential', 'number'),
            },
        ),
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('at', models.DateTimeField()),
                ('state', models.CharField(choices=[('pending', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('undone', 'Undone')], db_index=True, default='pending', max_length=16)),
                ('after_learner', models.BigIntegerField(default=0)),
                ('is_cut', models.BooleanField(default=False)),
                ('progressed_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='microcred_plugin.microcredentialversion')),
                ('version', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='publication', to='microcred_plugin.microcredentialversion')),
            ],
            options={
                'ordering': ('-at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='PublicationLock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
        ),
        migrations.CreateModel(
            name='Watermark',
            fields=[
                ('name', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('value', models.CharField(blank=True, max_length=255)),
                ('modified', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name='StackClosure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ancestor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='below', to='microcred_plugin.microcredential')),
                ('descendant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='above', to='microcred_plugin.microcredential')),
            ],
        ),
        migrations.CreateModel(
            name='SkillIndex',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(db_index=True, max_length=255)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='skill_index', to='microcred_plugin.microcredentialversion')),
            ],
        ),
        migrations.CreateModel(
            name='RequirementIndex',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=16)),
                ('object_key', models.CharField(max_length=255)),
                ('microcredential', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='index', to='microcred_plugin.microcredential')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='index', to='microcred_plugin.microcredentialversion')),
            ],
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', models.JSONField()),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='receipt', to='microcred_plugin.awardevent', to_field='uuid')),
            ],
        ),
        migrations.CreateModel(
            name='PublicationChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('after_learner', models.BigIntegerField()),
                ('last_learner', models.BigIntegerField()),
                ('learners', models.PositiveIntegerField()),
                ('sent_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(blank=True, db_index=True, null=True)),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='microcred_plugin.publication')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Observation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('held', 'Waiting for approval'), ('earned', 'Earned'), ('approved', 'Approved'), ('declined', 'Declined'), ('renewed', 'Renewed'), ('suspended', 'Suspended'), ('reinstated', 'Reinstated'), ('revoked', 'Revoked'), ('expired', 'Expired')], max_length=16)),
                ('met_on', models.DateTimeField(blank=True, null=True)),
                ('at', models.DateTimeField()),
                ('learner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('microcredential', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='observations', to='microcred_plugin.microcredential')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='microcred_plugin.microcredentialversion')),
            ],
            options={
                'ordering': ('-at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='Due',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('why', models.CharField(choices=[('unknown', 'The platform could not say'), ('expiry', 'An award expires'), ('fact', 'A fact begins or runs out')], max_length=16)),
                ('due_at', models.DateTimeField(db_index=True)),
                ('learner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('microcredential', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='due', to='microcred_plugin.microcredential')),
            ],
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('award', 'Award by hand'), ('revoke', 'Revoke'), ('suspend', 'Suspend'), ('approve', 'Approve'), ('decline', 'Decline')], max_length=16)),
                ('slot', models.PositiveSmallIntegerField(default=1, editable=False, null=True)),
                ('at', models.DateTimeField()),
                ('reason', models.TextField(blank=True)),
                ('met_on', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('learner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lifted_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('microcredential', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='microcred_plugin.microcredential')),
                ('version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='microcred_plugin.microcredentialversion')),
            ],
            options={
                'ordering': ('-at', '-id'),
            },
        ),
        migrations.AddField(
            model_name='award',
            name='microcredential',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='microcred_plugin.microcredential'),
        ),
        migrations.AddField(
            model_name='award',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='microcred_plugin.microcredentialversion'),
        ),
        migrations.AddConstraint(
            model_name='stackclosure',
            constraint=models.UniqueConstraint(fields=('descendant', 'ancestor'), name='microcred_closure_pair'),
        ),
        migrations.AddConstraint(
            model_name='skillindex',
            constraint=models.UniqueConstraint(fields=('version', 'name'), name='microcred_skill_entry'),
        ),
        migrations.AddConstraint(
            model_name='requirementindex',
            constraint=models.UniqueConstraint(fields=('object_key', 'kind', 'version'), name='microcred_index_entry'),
        ),
        migrations.AddConstraint(
            model_name='publicationchunk',
            constraint=models.UniqueConstraint(fields=('publication', 'after_learner'), name='microcred_publication_chunk'),
        ),
        migrations.AddConstraint(
            model_name='observation',
            constraint=models.UniqueConstraint(fields=('learner', 'microcredential', 'kind'), name='microcred_one_observation'),
        ),
        migrations.AddConstraint(
            model_name='microcredentialversion',
            constraint=models.UniqueConstraint(fields=('microcredential', 'number'), name='microcred_version_number'),
        ),
        migrations.AddConstraint(
            model_name='microcredentialversion',
            constraint=models.UniqueConstraint(fields=('microcredential', 'draft_slot'), name='microcred_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='microcredentialversion',
            constraint=check(condition=models.Q(models.Q(('closes_at', None), ('draft_slot', 1), ('draft_slot__isnull', False), ('published_at', None), ('state', 'draft')), models.Q(('draft_slot', None), ('published_at__isnull', False), models.Q(('state__in', ('published', 'withdrawn')), models.Q(('closes_at__isnull', False), ('state', 'closed')), _connector='OR')), _connector='OR'), name='microcred_version_state'),
        ),
        migrations.AddConstraint(
            model_name='microcredentialversion',
            constraint=check(condition=models.Q(('closes_at', None), ('closes_at__gte', models.F('published_at')), _connector='OR'), name='microcred_closes_after_publication'),
        ),
        migrations.AddConstraint(
            model_name='due',
            constraint=models.UniqueConstraint(fields=('learner', 'microcredential', 'why'), name='microcred_one_due'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.UniqueConstraint(fields=('learner', 'microcredential', 'kind', 'slot'), name='microcred_one_decision'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=check(condition=models.Q(models.Q(('lifted_at', None), ('slot', 1), ('slot__isnull', False)), models.Q(('lifted_at__isnull', False), ('slot', None)), _connector='OR'), name='microcred_decision_slot'),
        ),
        migrations.AddIndex(
            model_name='awardevent',
            index=models.Index(fields=['announced_at', 'announcement'], name='microcred_outbox'),
        ),
        migrations.AddIndex(
            model_name='awardevent',
            index=models.Index(fields=['cause_id', 'cause'], name='microcred_event_cause'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.UniqueConstraint(fields=('learner', 'microcredential', 'slot'), name='microcred_one_award'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=check(condition=models.Q(models.Q(('slot', 1), ('slot__isnull', False), ('state__in', ('held', 'active', 'suspended'))), models.Q(('slot', None), ('state__in', ('declined', 'revoked', 'expired'))), _connector='OR'), name='microcred_award_slot'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=check(condition=models.Q(models.Q(('state', 'suspended'), models.Q(('suspended_by_policy', True), ('suspended_by_person', True), _connector='OR')), models.Q(('state__in', ('held', 'active')), ('suspended_by_person', False), ('suspended_by_policy', False)), ('state__in', ('declined', 'revoked', 'expired')), _connector='OR'), name='microcred_award_suspended'),
        ),
    ]
