"""Parties, their people, keys, accounts and consents, each seen by those it belongs to."""

import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from jirong.store.security import PLATFORM_SEES, SYSTEM_SEES, row_security


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("store", "0001_ground"),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Cluster',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('region', models.CharField(blank=True, max_length=60)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'parties_cluster',
            },
        ),
        migrations.CreateModel(
            name='Key',
            fields=[
                ('id', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('algorithm', models.CharField(default='ed25519', max_length=16)),
                ('public', models.CharField(max_length=120)),
                ('custody', models.CharField(max_length=8)),
                ('registration', models.UUIDField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'parties_key',
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('language', models.CharField(default='zh-hans', max_length=10)),
                ('theme', models.CharField(default='auto', max_length=8)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'db_table': 'parties_user',
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='KeptKey',
            fields=[
                ('key', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='kept', serialize=False, to='parties.key')),
                ('sealed', models.TextField()),
            ],
            options={
                'db_table': 'parties_kept_key',
            },
        ),
        migrations.CreateModel(
            name='Party',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('name_en', models.CharField(blank=True, max_length=200)),
                ('uscc', models.CharField(max_length=18, null=True, unique=True)),
                ('uscc_evidence', models.CharField(blank=True, max_length=300)),
                ('size', models.CharField(max_length=8)),
                ('sector', models.CharField(blank=True, max_length=60)),
                ('region', models.CharField(blank=True, max_length=60)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'parties_party',
                'constraints': [models.CheckConstraint(condition=models.Q(('size__in', ('large', 'medium', 'small', 'micro', 'public', 'person'))), name='parties_party_size_known'), models.CheckConstraint(condition=models.Q(models.Q(('size', 'person'), ('uscc__isnull', True)), models.Q(models.Q(('size', 'person'), _negated=True), ('uscc__isnull', False)), _connector='OR'), name='parties_party_code_unless_person')],
            },
        ),
        migrations.AddField(
            model_name='key',
            name='party',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='parties.party'),
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('purpose', models.CharField(max_length=60)),
                ('scope', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('grantee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents_held', to='parties.party')),
                ('grantor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents_given', to='parties.party')),
            ],
            options={
                'db_table': 'parties_consent',
            },
        ),
        migrations.CreateModel(
            name='BankAccount',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=40)),
                ('unit', models.CharField(default='CNY', max_length=3)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('bank', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='parties.party')),
            ],
            options={
                'db_table': 'parties_bank_account',
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('action', models.CharField(max_length=80)),
                ('body', models.JSONField()),
                ('maker', models.BigIntegerField()),
                ('state', models.CharField(default='proposed', max_length=10)),
                ('checker', models.BigIntegerField(null=True)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('decided_at', models.DateTimeField(null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='parties.party')),
            ],
            options={
                'db_table': 'parties_proposal',
            },
        ),
        migrations.CreateModel(
            name='Role',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=12)),
                ('licence', models.CharField(blank=True, max_length=120)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to='parties.party')),
            ],
            options={
                'db_table': 'parties_role',
            },
        ),
        migrations.CreateModel(
            name='Staff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duties', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), size=None)),
                ('ended_at', models.DateTimeField(null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='staff', to='parties.party')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='staff', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'parties_staff',
            },
        ),
        migrations.CreateModel(
            name='Token',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hash', models.CharField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tokens', to='parties.staff')),
            ],
            options={
                'db_table': 'parties_token',
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateField()),
                ('until', models.DateField(null=True)),
                ('cluster', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='parties.cluster')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='parties.party')),
            ],
            options={
                'db_table': 'parties_membership',
                'constraints': [models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('cluster', 'party'), name='parties_membership_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='key',
            constraint=models.CheckConstraint(condition=models.Q(('custody__in', ['own', 'platform'])), name='parties_key_custody_known'),
        ),
        migrations.AddConstraint(
            model_name='key',
            constraint=models.UniqueConstraint(condition=models.Q(('custody', 'platform'), ('revoked_at__isnull', True)), fields=('party',), name='parties_key_one_kept'),
        ),
        migrations.AddConstraint(
            model_name='bankaccount',
            constraint=models.UniqueConstraint(fields=('bank', 'number'), name='parties_bank_account_once'),
        ),
        migrations.AddIndex(
            model_name='proposal',
            index=models.Index(fields=['party', 'state', '-recorded_at'], name='parties_proposal_inbox'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['proposed', 'approved', 'rejected', 'withdrawn'])), name='parties_proposal_state_known'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'approved'), _negated=True), models.Q(('checker', models.F('maker')), _negated=True), _connector='OR'), name='parties_proposal_two_people'),
        ),
        migrations.AddConstraint(
            model_name='role',
            constraint=models.UniqueConstraint(fields=('party', 'role'), name='parties_role_once'),
        ),
        migrations.AddConstraint(
            model_name='role',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ('firm', 'core', 'treasury', 'bank', 'lessor', 'insurer', 'guarantor', 'factor', 'fund', 'government', 'investor', 'provider', 'planner', 'operator', 'witness'))), name='parties_role_known'),
        ),
        migrations.AddConstraint(
            model_name='staff',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('user', 'party'), name='parties_staff_once'),
        ),
        # The register of organisations is public to all; a natural person is seen by itself and the platform.
        row_security("parties_party", f"{PLATFORM_SEES} OR uscc IS NOT NULL OR id = jirong_party()"),
        row_security("parties_staff", f"{PLATFORM_SEES} OR party_id = jirong_party()"),
        row_security("parties_kept_key", SYSTEM_SEES),
        row_security("parties_bank_account", f"{PLATFORM_SEES} OR jirong_party() IN (party_id, bank_id)"),
        row_security("parties_consent", f"{PLATFORM_SEES} OR jirong_party() IN (grantor_id, grantee_id)"),
        row_security("parties_token", f"{SYSTEM_SEES} OR staff_id IN (SELECT id FROM parties_staff)"),  # noqa: S608
        row_security("parties_proposal", f"{SYSTEM_SEES} OR party_id = jirong_party()"),
    ]
