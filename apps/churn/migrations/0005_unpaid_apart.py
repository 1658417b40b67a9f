from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('churn', '0004_desk'),
    ]

    operations = [
        migrations.AddField(
            model_name='churndefinition',
            name='leave_unpaid_apart',
            field=models.BooleanField(db_default=False, default=False, help_text="For 'cancelled': who is lost to a failed payment did not cancel."),
        ),
        migrations.AddConstraint(
            model_name='churndefinition',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'cancelled'), ('leave_unpaid_apart', False), _connector='OR'), name='only_cancelled_leaves_apart'),
        ),
    ]
