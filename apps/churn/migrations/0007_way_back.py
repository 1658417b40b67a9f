import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('churn', '0006_checksums'),
    ]

    operations = [
        migrations.AddField(
            model_name='modelversion',
            name='before',
            field=models.ForeignKey(blank=True, help_text='What was at work until this went to work: the way back.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='churn.modelversion'),
        ),
        migrations.AlterField(
            model_name='trainingrun',
            name='state',
            field=models.CharField(choices=[('queued', 'waiting'), ('running', 'running'), ('done', 'done'), ('refused', 'not put to work'), ('failed', 'failed'), ('cancelled', 'stopped')], default='queued', max_length=10),
        ),
    ]
