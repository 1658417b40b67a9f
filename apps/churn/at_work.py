"""The model that answers for a definition: the champion while it is whole, the rule when it is not."""

import time
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import ModelBroken

from . import integrity
from .models import ChurnDefinition, ModelVersion, Prediction
from .rollout import ShareOf, Voices, nobody
from .types import ModelKind

# Versions never change, so what was read and found whole stays good for the life of the process; a broken one may be brought back from a backup.
_WHOLE: dict[tuple[int, str], ModelVersion] = {}
_BROKEN: dict[tuple[int, str], tuple[float, str]] = {}
_MOST_HELD = 16
_LOOK_AGAIN = 60.0


def answering(definition: ChurnDefinition, *, now: datetime, actor: Actor) -> ModelVersion | None:
    """The version whose scores count now: one query, and its parameters only the first time. A broken champion is announced and the rule answers."""
    found = voices(definition, now=now, actor=actor)
    return found.champion if found else None


def _trusted(definition: ChurnDefinition, live: ModelVersion, *, now: datetime, actor: Actor) -> ModelVersion | None:
    found, problem, fresh = whole(live)
    if found is not None:
        return found
    if fresh:
        with transaction.atomic():
            events.publish(ModelBroken(version_id=live.pk, definition_id=definition.pk, name=str(live), problem=problem), actor=actor, now=now)
    return _rule(definition)


def speaking(definition: ChurnDefinition, account_id: int | None = None) -> ModelVersion | None:
    """As `answering`, for questions that change nothing: a broken champion is left to the next scoring to announce.

    For an account that the challenger scored last, it is the challenger.
    """
    live, challenger = _at_work(definition)
    if challenger is not None and account_id is not None:
        newest = Prediction.objects.filter(account=account_id, model__definition=definition).order_by("-as_of", "-id")
        if newest.values_list("model", flat=True).first() == challenger.pk and (found := whole(challenger)[0]):
            return found
    return None if live is None else whole(live)[0] or _rule(definition)


def voices(definition: ChurnDefinition, *, share_of: ShareOf = nobody, now: datetime, actor: Actor) -> Voices | None:
    """Who scores which account now: one query. None where nothing is at work."""
    live, waiting = _at_work(definition)
    champion = _trusted(definition, live, now=now, actor=actor) if live else None
    if champion is None:
        return None
    # Nobody waits for the challenger, so a broken one just stays silent.
    challenger = whole(waiting)[0] if waiting else None
    return Voices(champion, challenger, share_of(definition.name) if challenger else 0.0)


def _at_work(definition: ChurnDefinition) -> tuple[ModelVersion | None, ModelVersion | None]:
    """The champion and the challenger, without their parameters."""
    found = {version.is_live: version for version in _slim(definition).filter(Q(is_live=True) | Q(is_challenger=True))}
    return found.get(True), found.get(False)


def whole(version: ModelVersion) -> tuple[ModelVersion | None, str, bool]:
    """The version with its parameters, checked once per process; or none, why it must not speak, and whether that was found just now."""
    key = (version.pk, version.checksum)
    if key in _WHOLE:
        return _WHOLE[key], "", False
    looked_at, problem = _BROKEN.get(key, (0.0, ""))
    if problem and time.monotonic() - looked_at < _LOOK_AGAIN:
        return None, problem, False
    version.refresh_from_db()
    if problem := integrity.problem_with(version):
        _BROKEN[key] = (time.monotonic(), problem)
        return None, problem, True
    while len(_WHOLE) >= _MOST_HELD:
        del _WHOLE[next(iter(_WHOLE))]
    _WHOLE[key] = version
    return version, "", False


def _slim(definition: ChurnDefinition) -> QuerySet[ModelVersion]:
    return definition.versions.defer("parameters", "golden", "metrics").select_related("definition")


def _rule(definition: ChurnDefinition) -> ModelVersion | None:
    """The newest weighted rule that is whole."""
    rules = _slim(definition).filter(kind=ModelKind.RULE).order_by("-number")
    return next((found for version in rules if (found := whole(version)[0]) is not None), None)
