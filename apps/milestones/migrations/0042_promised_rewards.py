from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('milestones', '0041_append_only_rewards'),
    ]

    operations = [
        migrations.AlterField(
            model_name='rewardrule',
            name='on',
            field=models.CharField(choices=[('milestone', 'a milestone reached'), ('tier', 'a tier reached'), ('streak', 'a streak kept up'), ('activity', 'something done, again and again'), ('promise', 'what another part of the house promised')], help_text='What it pays for.', max_length=10),
        ),
    ]
