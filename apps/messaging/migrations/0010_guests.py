from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0016_finer_statistics_of_parts'),
        ('events', '0004_changes_by_moment'),
        ('messaging', '0009_holds_and_series'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='guest',
            field=models.CharField(blank=True, db_default='', default='', help_text="Set where it goes to a stranger in the contact's name: a keyed hash of their address, by which caps and their no are found. The address itself is forgotten once the message has left, or never will.", max_length=80),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('guest', ''), _negated=True), fields=['guest', 'claimed_at'], name='message_by_guest'),
        ),
    ]
