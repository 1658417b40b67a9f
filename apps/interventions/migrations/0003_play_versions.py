import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0016_finer_statistics_of_parts"),
        ("churn", "0007_way_back"),
        ("events", "0004_changes_by_moment"),
        ("interventions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Fit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PassedOver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("not_live", "the play is not live"),
                            ("left", "the customer has left"),
                            ("audience", "does not fit the audience"),
                            ("running", "runs already"),
                            ("cooldown", "ran too short a time ago"),
                            ("once", "had its one run"),
                            ("young", "is too young a customer"),
                            ("budget", "this month's budget of the play is spent"),
                            ("rollout", "outside the rollout share"),
                        ],
                        max_length=10,
                    ),
                ),
                ("on", models.DateField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PlayVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("definition", models.JSONField(help_text="docs/plays.md says how it is written.")),
                ("tests", models.JSONField(blank=True, default=list, help_text="Given this history, expect these steps.")),
                ("note", models.CharField(blank=True, help_text="What changed and why.", max_length=250)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=120)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="enrolment",
            name="one_running_enrolment",
        ),
        migrations.RemoveConstraint(
            model_name="enrolment",
            name="ended_needs_reason",
        ),
        migrations.RemoveConstraint(
            model_name="play",
            name="holdout_at_most_half",
        ),
        migrations.RemoveIndex(
            model_name="enrolment",
            name="enrolment_due",
        ),
        migrations.AddField(
            model_name="enrolment",
            name="exclusive",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="enrolment",
            name="paused",
            field=models.BooleanField(db_default=False, default=False, help_text="Its play is paused: the run keeps its place."),
        ),
        migrations.AddField(
            model_name="enrolment",
            name="trigger_key",
            field=models.CharField(blank=True, db_default="", max_length=160),
        ),
        migrations.AddField(
            model_name="enrolment",
            name="waits_for",
            field=models.CharField(
                blank=True, db_default="", help_text="What would end the present wait early: reply, activity:NAME.", max_length=140
            ),
        ),
        migrations.AddField(
            model_name="play",
            name="starts_on",
            field=models.CharField(blank=True, db_default="", editable=False, max_length=140),
        ),
        migrations.AddField(
            model_name="steprecord",
            name="because",
            field=models.CharField(blank=True, db_default="", max_length=250),
        ),
        migrations.AddField(
            model_name="steprecord",
            name="step",
            field=models.CharField(default="", help_text="The step's id in the play.", max_length=40),
        ),
        migrations.AddField(
            model_name="steprecord",
            name="went",
            field=models.CharField(blank=True, db_default="", max_length=40),
        ),
        migrations.AlterField(
            model_name="enrolment",
            name="exit_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("goal", "the goal was met"),
                    ("unmatched", "no longer fits the audience"),
                    ("replied", "the customer replied"),
                    ("finished", "all steps done"),
                    ("timeout", "goal window passed"),
                    ("churned", "the customer left"),
                    ("manual", "stopped by a person"),
                    ("refused", "not let in by the success manager"),
                    ("error", "a step could not be done"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="enrolment",
            name="state",
            field=models.CharField(
                choices=[("candidate", "waits to be let in"), ("waiting", "running"), ("ended", "ended")], default="waiting", max_length=10
            ),
        ),
        migrations.AlterField(
            model_name="play",
            name="state",
            field=models.CharField(
                choices=[("draft", "draft"), ("testing", "testing"), ("live", "live"), ("paused", "paused"), ("archived", "archived")],
                default="draft",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="steprecord",
            name="kind",
            field=models.CharField(
                choices=[
                    ("message", "message"),
                    ("wait", "wait"),
                    ("wait_for", "wait until"),
                    ("branch", "branch"),
                    ("task", "task for the CSM"),
                    ("update", "set a trait"),
                    ("webhook", "tell webhooks"),
                    ("watch", "watch for the goal"),
                    ("end", "end"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="fit",
            name="account",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="fits", to="accounts.account"),
        ),
        migrations.AddField(
            model_name="fit",
            name="play",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="fits", to="interventions.play"),
        ),
        migrations.AddField(
            model_name="passedover",
            name="account",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="passed_over", to="accounts.account"),
        ),
        migrations.AddField(
            model_name="passedover",
            name="cause",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="events.event"),
        ),
        migrations.AddField(
            model_name="passedover",
            name="play",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="passed_over", to="interventions.play"),
        ),
        migrations.AddField(
            model_name="playversion",
            name="play",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="interventions.play"),
        ),
        migrations.AddField(
            model_name="enrolment",
            name="version",
            field=models.ForeignKey(
                help_text="What the play said when the run began.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enrolments",
                to="interventions.playversion",
            ),
        ),
        migrations.AddField(
            model_name="play",
            name="current",
            field=models.ForeignKey(
                blank=True,
                help_text="The version that new runs take.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="interventions.playversion",
            ),
        ),
        migrations.AddIndex(
            model_name="play",
            index=models.Index(condition=models.Q(("state", "live")), fields=["starts_on"], name="play_by_trigger"),
        ),
        migrations.AddConstraint(
            model_name="fit",
            constraint=models.UniqueConstraint(fields=("play", "account"), name="one_fit_per_account"),
        ),
        migrations.AddIndex(
            model_name="passedover",
            index=models.Index(fields=["account", "-at"], name="passed_over_by_account"),
        ),
        migrations.AddConstraint(
            model_name="passedover",
            constraint=models.UniqueConstraint(fields=("play", "account", "reason", "on"), name="passed_over_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="playversion",
            constraint=models.UniqueConstraint(fields=("play", "number"), name="one_play_version_per_number"),
        ),
    ]
