import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("interventions", "0004_first_versions")]

    operations = [
        migrations.RemoveField(
            model_name="enrolment",
            name="play_version",
        ),
        migrations.RemoveField(
            model_name="enrolment",
            name="steps",
        ),
        migrations.RemoveField(
            model_name="play",
            name="cooldown_days",
        ),
        migrations.RemoveField(
            model_name="play",
            name="goal_recovery_percent",
        ),
        migrations.RemoveField(
            model_name="play",
            name="goal_window_days",
        ),
        migrations.RemoveField(
            model_name="play",
            name="holdout_percent",
        ),
        migrations.RemoveField(
            model_name="play",
            name="steps",
        ),
        migrations.RemoveField(
            model_name="play",
            name="version",
        ),
        migrations.AlterField(
            model_name="enrolment",
            name="version",
            field=models.ForeignKey(
                help_text="What the play said when the run began.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enrolments",
                to="interventions.playversion",
            ),
        ),
        migrations.AlterField(
            model_name="steprecord",
            name="step",
            field=models.CharField(help_text="The step's id in the play.", max_length=40),
        ),
        migrations.AddIndex(
            model_name="enrolment",
            index=models.Index(condition=models.Q(("paused", False), ("state", "waiting")), fields=["due_at", "id"], name="enrolment_due"),
        ),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("exclusive", True), models.Q(("state", "ended"), _negated=True)),
                fields=("play", "account"),
                name="one_running_enrolment",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("trigger_key", ""), _negated=True), fields=("play", "trigger_key"), name="one_enrolment_per_trigger"
            ),
        ),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "ended"), ("exit_reason", ""), _connector="XOR"), name="ended_needs_reason"
            ),
        ),
    ]
