from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('churn', '0002_stake'),
    ]

    operations = [
        migrations.AlterField(
            model_name='accountrisk',
            name='band',
            field=models.CharField(choices=[('low', 'low'), ('medium', 'watch'), ('high', 'high')], db_default='low', default='low', max_length=8),
        ),
        migrations.AlterField(
            model_name='accountrisk',
            name='reasons',
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AlterField(
            model_name='accountrisk',
            name='source',
            field=models.CharField(blank=True, db_default='', help_text='rule v1 or logistic v3.', max_length=60),
        ),
    ]
