"""The model that answers for a definition: the champion while it is whole, the rule when it is not."""

import time
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from apps.core.actor import Actor
from apps.core.statements import prepared_table
from apps.events import services as events
from apps.events.vocabulary import ModelBroken

from . import integrity
from .models import ChurnDefinition, ModelVersion, Prediction
from .rollout import ShareOf, Voices, nobody
from .types import ModelKind


class Key(NamedTuple):
    """A version as it was when it was read: its row, and the checksum of the parameters that it held."""

    pk: int
    checksum: str


# Versions never change, so what was read and found whole stays good for the life of the process; a broken one may be brought back from a backup.
_WHOLE: dict[Key, ModelVersion] = {}
_BROKEN: dict[Key, tuple[float, str]] = {}
_MOST_HELD = 16
_LOOK_AGAIN = 60.0

# Asked before every score.
_AT_WORK = "select id, checksum, is_live from churn_modelversion where definition_id = %(definition)s and (is_live or is_challenger)"


def answering(definition: ChurnDefinition, *, now: datetime, actor: Actor) -> ModelVersion | None:
    """The version whose scores count now: one query, and its parameters only the first time. A broken champion is announced and the rule answers."""
    found = voices(definition, now=now, actor=actor)
    return found.champion if found else None


def _trusted(definition: ChurnDefinition, live: Key, *, now: datetime, actor: Actor) -> ModelVersion | None:
    found, problem, fresh = whole(live)
    if found is not None:
        return found
    if fresh:
        name = str(ModelVersion.objects.only("kind", "number").get(pk=live.pk))
        with transaction.atomic():
            events.publish(ModelBroken(version_id=live.pk, definition_id=definition.pk, name=name, problem=problem), actor=actor, now=now)
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


def _at_work(definition: ChurnDefinition) -> tuple[Key | None, Key | None]:
    """The champion and the challenger."""
    found = {live: Key(pk, checksum) for pk, checksum, live in prepared_table(_AT_WORK, {"definition": definition.pk})[1]}
    return found.get(True), found.get(False)


def whole(key: Key) -> tuple[ModelVersion | None, str, bool]:
    """The version with its parameters, checked once per process; or none, why it must not speak, and whether that was found just now."""
    if key in _WHOLE:
        return _WHOLE[key], "", False
    looked_at, problem = _BROKEN.get(key, (0.0, ""))
    if problem and time.monotonic() - looked_at < _LOOK_AGAIN:
        return None, problem, False
    version = ModelVersion.objects.select_related("definition").get(pk=key.pk)
    if problem := integrity.problem_with(version):
        _BROKEN[key] = (time.monotonic(), problem)
        return None, problem, True
    while len(_WHOLE) >= _MOST_HELD:
        del _WHOLE[next(iter(_WHOLE))]
    _WHOLE[key] = version
    return version, "", False


def _rule(definition: ChurnDefinition) -> ModelVersion | None:
    """The newest weighted rule that is whole."""
    rules = definition.versions.filter(kind=ModelKind.RULE).order_by("-number").values_list("pk", "checksum")
    return next((found for key in rules if (found := whole(Key(*key))[0]) is not None), None)
