from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_portfolio_order")]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="upload",
            field=models.CharField(
                blank=True, db_default="", help_text="The file while it is needed, in the folder of uploads.", max_length=200
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="told",
            field=models.JSONField(blank=True, help_text="What the check found, or what taking the run back did.", null=True),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "not started"),
                    ("checking", "being checked"),
                    ("checked", "checked, not started"),
                    ("queued", "waits for its turn"),
                    ("running", "running"),
                    ("interrupted", "interrupted"),
                    ("done", "done"),
                    ("refused", "refused, nothing imported"),
                    ("undoing", "being taken back"),
                    ("undone", "taken back"),
                ],
                default="running",
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="ImportMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("signature", models.CharField(help_text="SHA-256 of the header's names, whatever their order.", max_length=64)),
                ("options", models.JSONField(default=dict)),
                ("used_at", models.DateTimeField()),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("kind", "signature"), name="one_mapping_per_header")]},
        ),
    ]
