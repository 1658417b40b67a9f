from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('health', '0002_score_by_value'),
    ]

    operations = [
        migrations.AlterField(
            model_name='accounthealth',
            name='band',
            field=models.CharField(choices=[('poor', 'poor'), ('fair', 'fair'), ('good', 'good'), ('unknown', 'too little known')], db_default='unknown', default='unknown', max_length=8),
        ),
        migrations.AlterField(
            model_name='accounthealth',
            name='coverage',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='accounthealth',
            name='parts',
            field=models.JSONField(db_default=[], default=list),
        ),
    ]
