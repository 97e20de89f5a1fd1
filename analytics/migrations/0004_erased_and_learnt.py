import datetime

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0003_outcomes_and_audience'),
        ('shortener', '0003_pages_list'),
    ]

    operations = [
        migrations.AddField(
            model_name='agent',
            name='learnt',
            field=models.DateField(default=datetime.date(1970, 1, 1)),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name='Erased',
            fields=[
                ('committed', models.DateField()),
                ('day', models.DateField()),
                ('channel', models.PositiveSmallIntegerField()),
                ('counted_as', models.CharField(max_length=12)),
                ('number', models.BigIntegerField()),
                ('link', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, to='shortener.link')),
                ('pk', models.CompositePrimaryKey('committed', 'day', 'link_id', 'channel', 'counted_as', blank=True, editable=False, primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name_plural': 'erased',
            },
        ),
    ]
