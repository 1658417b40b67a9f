"""How old the models at work are, and whether the data have drifted away from what they learned."""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models import Prefetch

from apps.churn.models import Check, ModelVersion

from .types import Group, State, Vital


def models(now: datetime) -> list[Vital]:
    newest = Check.objects.order_by("model", "kind", "-as_of").distinct("model", "kind")
    live = ModelVersion.objects.filter(is_live=True).select_related("definition").prefetch_related(Prefetch("checks", queryset=newest))
    return [_model(version, now) for version in live.order_by("definition__name", "id")]


def _model(version: ModelVersion, now: datetime) -> Vital:
    # Its data end weeks before, because their outcomes had to be known; its age counts from when it learned of them.
    learned = version.created_at if version.trained_as_of else None
    days = (now - learned).days if learned else None
    limit = 2 * settings.CHURN_RETRAIN_DAYS
    says = f"learned {days} d ago" if days is not None else "the weighted rule, which does not learn"
    name = f"{version.definition}: {version}"
    about = {"version": version, "learned": learned}
    value = float(days) if days is not None else None
    vital = partial(Vital, f"model-{version.definition_id}", Group.MODELS, name, value=value, limit=float(limit), unit="d", about=about)
    alarm = next((check for check in version.checks.all() if check.alarm), None)
    if alarm is not None:
        why = f"A look back found more than chance explains: {alarm.verdict}"
        return vital(state=State.SLOW, says=says, why=why, todo="A training was asked for. See the churn desk.", since=alarm.as_of)
    if days is not None and days > limit:
        why = f"It should learn anew every {settings.CHURN_RETRAIN_DAYS} days."
        return vital(
            state=State.SLOW,
            says=says,
            why=why,
            todo="See its trainings on the churn desk.",
            since=learned + timedelta(days=limit) if learned else None,
        )
    return vital(state=State.OK, says=says)
