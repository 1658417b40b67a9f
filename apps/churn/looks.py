"""Looking back: every model that spoke is held against what happened and against the present data, and what is off is said aloud."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import ModelJudged

from . import backtest, drift
from .models import Check, ChurnDefinition, ModelVersion, Prediction
from .runs import ask_for_training
from .types import CheckKind, Look

# Whoever spoke within so many days is still judged, also after another took the place.
_SPOKE = timedelta(days=366)
_WHY = {CheckKind.BACKTEST: "what it told did not come true", CheckKind.DRIFT: "the data has drifted"}


def look_back(*, now: datetime, actor: Actor) -> int:
    """Check every model as of the last midnight (UTC); returns how many checks were written. A second time on the same day writes nothing.

    An alarm about the model at work is announced, and a training is asked for when it begins; its end is announced too.
    """
    as_of = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    written = 0
    for definition in ChurnDefinition.objects.order_by("id"):
        for version, kind in _due(definition, as_of):
            look = backtest.look(version, as_of=as_of) if kind == CheckKind.BACKTEST else drift.look(version, as_of=as_of)
            if look is not None:
                written += _keep(version, kind, look, as_of=as_of, now=now, actor=actor)
    return written


def _due(definition: ChurnDefinition, as_of: datetime) -> Iterator[tuple[ModelVersion, CheckKind]]:
    """What was not looked at yet: the outcomes of every version that spoke, and the data of the one at work."""
    spoke = Prediction.objects.filter(model=OuterRef("pk"), as_of__gte=as_of - _SPOKE)
    versions = definition.versions.filter(Exists(spoke), revision=definition.revision).select_related("definition").defer("golden").order_by("number")
    known = set(Check.objects.filter(model__definition=definition, as_of=as_of).values_list("model", "kind"))
    for version in versions:
        for kind in (CheckKind.BACKTEST, CheckKind.DRIFT) if version.is_live else (CheckKind.BACKTEST,):
            if (version.pk, kind.value) not in known:
                yield version, kind


@transaction.atomic
def _keep(version: ModelVersion, kind: CheckKind, look: Look, *, as_of: datetime, now: datetime, actor: Actor) -> bool:
    before = Check.objects.filter(model=version, kind=kind, as_of__lt=as_of).order_by("-as_of").first()
    _, fresh = Check.objects.get_or_create(
        model=version, kind=kind, as_of=as_of, defaults={"figures": look.figures, "alarm": look.alarm, "verdict": look.verdict}
    )
    alarmed = before is not None and before.alarm
    if fresh and version.is_live and (look.alarm or alarmed):
        said = ModelJudged(
            version_id=version.pk, definition_id=version.definition_id, name=str(version), kind=kind.value, alarm=look.alarm, found=look.verdict
        )
        events.publish(said, actor=actor, now=now)
        if not alarmed:
            ask_for_training(version.definition, why=_WHY[kind], actor=actor, now=now)
    return fresh
