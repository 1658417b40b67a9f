"""What plays said in columns of their own becomes their versions; runs get the version they began with."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

_BY = "job:migration"


def _step(step: dict[str, Any], place: int) -> dict[str, Any]:
    said = {"id": f"{step['kind']}-{place}", **{name: value for name, value in step.items() if name != "unless"}}
    if "key" in said:
        said["reason"] = said.pop("key")
    return said


def write(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    plays, versions, runs, records = (apps.get_model("interventions", name) for name in ("Play", "PlayVersion", "Enrolment", "StepRecord"))
    for play in plays.objects.all():
        common = {
            "trigger": {"kind": "event", "event": "risk.raised", "when": {"to_band": "high"}},
            "entry": {"cooldown_days": play.cooldown_days},
            "goal": {"reached": {"kind": "recovers", "percent": play.goal_recovery_percent}, "window_days": play.goal_window_days},
            "holdout_percent": play.holdout_percent,
        }
        for number in sorted({play.version, *runs.objects.filter(play=play).values_list("play_version", flat=True)}):
            run = runs.objects.filter(play=play, play_version=number).first()
            steps = play.steps if number == play.version or run is None else run.steps
            said = {**common, "steps": [_step(step, place) for place, step in enumerate(steps, 1)]}
            version = versions.objects.create(
                play=play, number=number, definition=said, note="As it stood.", created_at=timezone.now(), created_by=_BY
            )
            runs.objects.filter(play=play, play_version=number).update(version=version)
            if number == play.version:
                play.current, play.starts_on = version, "event:risk.raised"
                play.save(update_fields=["current", "starts_on"])
    for record in records.objects.filter(step="").iterator():
        records.objects.filter(pk=record.pk).update(step=f"{record.kind}-{record.position + 1}")


class Migration(migrations.Migration):
    dependencies = [("interventions", "0003_play_versions")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop, elidable=True)]
