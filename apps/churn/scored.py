"""Scoring accounts and keeping their present risk; a band edge is announced exactly once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import connection, transaction
from django.db.models import Q

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import RiskLowered, RiskRaised, RiskScored

from . import at_work, definitions, population, stale
from .figures import Figures
from .models import AccountRisk, ChurnDefinition, ModelVersion, Prediction, ShadowScore
from .rollout import ShareOf, Voices, nobody
from .scoring import bands, engine
from .types import RANK, Band, Score

CHUNK = 1000
# A score that moved less than this, in the same band, is not a new fact; once a day it is stored all the same, for the history.
SAME = 0.005
EVERY = timedelta(days=1)

_KEEP = """
update churn_accountrisk r set
    prediction_id = i.prediction, probability = i.probability, low = i.low, high = i.high, band = i.band, reasons = i.reasons,
    source = i.source, as_of = %(as_of)s,
    stake = i.probability * a.arr::float8,
    before = (
        select p.probability from churn_prediction p join churn_modelversion m on m.id = p.model_id
        where p.account_id = r.account_id and m.definition_id = %(definition)s and m.kind = i.kind
          and p.as_of <= %(as_of)s - interval '7 days' and p.as_of > %(as_of)s - interval '14 days'
        order by p.as_of desc, p.id desc limit 1
    ),
    stale_since = case when r.stale_since > %(as_of)s then r.stale_since end,
    stale_cause_id = case when r.stale_since > %(as_of)s then r.stale_cause_id end
from jsonb_to_recordset(%(items)s::jsonb) as i(
        risk bigint, prediction bigint, probability float8, low float8, high float8, band text, reasons jsonb, source text, kind text
    ), accounts_account a
where r.id = i.risk and a.id = r.account_id
"""


@dataclass(frozen=True)
class _Run:
    """One pass: what is scored by whom, at which moment."""

    definition: ChurnDefinition
    voices: Voices
    as_of: datetime
    now: datetime
    actor: Actor

    def figures(self, account_ids: Sequence[int]) -> Figures:
        """Whoever can leave, with what the models at hand read."""
        return population.at_risk(self.definition, as_of=self.as_of, account_ids=account_ids, names=self.voices.names)

    def scores(self, seen: Figures) -> dict[int, Score]:
        """Every account's score, by the version that speaks for it."""
        by_version: dict[ModelVersion, list[int]] = {}
        for place, key in enumerate(seen.ids.tolist()):
            by_version.setdefault(self.voices.of(key), []).append(place)
        found: dict[int, Score] = {}
        for version, places in by_version.items():
            part = seen.part(np.array(places))
            found |= zip(part.ids.tolist(), engine.scores(version.kind, version.parameters, part), strict=True)
        return found

    def band(self, account_id: int, score: Score, before: Band | None) -> Band:
        return bands.band(score.probability, self.voices.of(account_id).parameters["cuts"], before)

    def shadow(self, seen: Figures) -> None:
        """What the challenger says of the accounts that the champion scores. Nobody acts on it, and nobody reads its reasons."""
        challenger = self.voices.challenger
        if challenger is None:
            return
        others = seen.part(np.flatnonzero([self.voices.of(key) is not challenger for key in seen.ids.tolist()]))
        chances = engine.chances(challenger.kind, challenger.parameters, others)
        ShadowScore.objects.bulk_create(
            [
                ShadowScore(account_id=key, model=challenger, as_of=self.as_of, probability=chance)
                for key, chance in zip(others.ids.tolist(), chances.tolist(), strict=True)
            ],
            ignore_conflicts=True,
        )

    def prediction(self, account_id: int, score: Score, band: Band) -> Prediction:
        return Prediction(
            account_id=account_id,
            model=self.voices.of(account_id),
            as_of=self.as_of,
            probability=score.probability,
            low=score.low,
            high=score.high,
            band=band,
            reasons=[reason.as_json() for reason in score.reasons],
            created_at=self.now,
        )


def score_stale(*, now: datetime, actor: Actor, limit: int = 500, share_of: ShareOf = nobody) -> int:
    """Score up to `limit` accounts that carry a mark; returns how many marks were settled. `share_of` says how far a challenger is rolled out.

    The rows stay locked from claim to commit: other scorers skip them, and a mark that arrives meanwhile waits and is kept.
    """
    definition = definitions.ensure_default(now=now)
    voices = at_work.voices(definition, share_of=share_of, now=now, actor=actor)
    if voices is None:
        return 0
    with transaction.atomic():
        claimed = list(AccountRisk.objects.stale_now(now).select_for_update(skip_locked=True)[:limit])
        if claimed:
            run = _Run(definition, voices, now, now, actor)
            _keep(run, claimed, run.scores(run.figures([risk.account_id for risk in claimed])))
        return len(claimed)


def score_all(*, definition: ChurnDefinition | None = None, as_of: datetime, now: datetime, actor: Actor, share_of: ShareOf = nobody) -> int:
    """Score every account at risk as of a moment; returns how many. Only the default definition moves the accounts' present risk,
    and never back to an earlier moment than they were scored at."""
    definition = definition or definitions.ensure_default(now=now)
    voices = at_work.voices(definition, share_of=share_of, now=now, actor=actor)
    if voices is None:
        return 0
    run = _Run(definition, voices, as_of, now, actor)
    count = 0
    for ids in _chunks():
        with transaction.atomic():
            if definition.is_default:
                stale.MARKS.add_missing(ids)
                risks = list(
                    AccountRisk.objects.filter(Q(as_of__isnull=True) | Q(as_of__lte=as_of), account__in=ids)
                    .order_by("account_id")
                    .select_for_update()
                )
                # After the lock, or an account that another scorer moved on meanwhile would be thrown back.
                seen = run.figures(ids)
                _keep(run, risks, run.scores(seen))
            else:
                seen = run.figures(ids)
                _store(run, run.scores(seen))
            run.shadow(seen)
        count += len(seen)
    return count


def _chunks() -> Iterator[list[int]]:
    last = 0
    while ids := list(Account.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        yield ids
        last = ids[-1]


def _store(run: _Run, scores: Mapping[int, Score]) -> None:
    """Predictions of a definition that is not the default one: kept beside, no present risk, no announcement."""
    latest = {
        prediction.account_id: prediction
        for prediction in Prediction.objects.filter(account__in=scores, model__definition=run.definition)
        .order_by("account_id", "-as_of", "-id")
        .distinct("account_id")
    }
    fresh = []
    for account_id, score in scores.items():
        before = latest.get(account_id)
        band = run.band(account_id, score, Band(before.band) if before else None)
        if _is_news(run, account_id, before, score, band):
            fresh.append(run.prediction(account_id, score, band))
    Prediction.objects.bulk_create(fresh, batch_size=1000)


def _keep(run: _Run, risks: Sequence[AccountRisk], scores: Mapping[int, Score]) -> None:
    """Write the present risk of locked rows and announce the band edges between what they said and what they say now."""
    fresh: dict[int, Prediction] = {}
    kept: list[AccountRisk] = []
    moved: list[AccountRisk] = []
    edges: list[tuple[AccountRisk, Band]] = []
    # Read after the lock: a join to a row that was waited for would still show the prediction of before.
    latest = Prediction.objects.in_bulk([risk.prediction_id for risk in risks if risk.prediction_id])
    for risk in risks:
        score = scores.get(risk.account_id)
        before = Band(risk.band)
        if score is None:
            # Not a customer at this moment: no risk to speak of, and nobody to warn.
            if risk.probability is not None:
                moved.append(risk)
            risk.prediction, risk.probability, risk.band, risk.reasons, risk.source = None, None, Band.LOW, [], ""
            risk.low, risk.high = None, None
        else:
            band = run.band(risk.account_id, score, before)
            if _is_news(run, risk.account_id, latest.get(risk.prediction_id or 0), score, band):
                prediction = fresh[risk.account_id] = run.prediction(risk.account_id, score, band)
                risk.probability, risk.reasons, risk.source = score.probability, prediction.reasons, str(prediction.model)
                risk.low, risk.high = score.low, score.high
                moved.append(risk)
            if band != before:
                edges.append((risk, before))
            risk.band = band
        kept.append(risk)
    Prediction.objects.bulk_create(fresh.values(), batch_size=1000)
    for risk in kept:
        if risk.account_id in fresh:
            risk.prediction = fresh[risk.account_id]
    _write(run, kept)
    _announce(run, moved, edges)


def _is_news(run: _Run, account_id: int, before: Prediction | None, score: Score, band: Band) -> bool:
    return (
        before is None
        or before.model_id != run.voices.of(account_id).pk
        or before.band != band
        or abs(before.probability - score.probability) >= SAME
        or run.as_of - before.as_of >= EVERY
    )


def _write(run: _Run, risks: Sequence[AccountRisk]) -> None:
    items = [
        {
            "risk": risk.pk,
            "prediction": risk.prediction_id,
            "probability": risk.probability,
            "low": risk.low,
            "high": risk.high,
            "band": risk.band,
            "reasons": risk.reasons,
            "source": risk.source,
            "kind": run.voices.of(risk.account_id).kind,
        }
        for risk in risks
    ]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"items": json.dumps(items), "as_of": run.as_of, "definition": run.definition.pk})


def _announce(run: _Run, moved: Sequence[AccountRisk], edges: Sequence[tuple[AccountRisk, Band]]) -> None:
    causes = Event.objects.in_bulk({risk.stale_cause_id for risk in [*moved, *(risk for risk, _ in edges)] if risk.stale_cause_id})
    for key, those in _by_cause(moved).items():
        events.publish(RiskScored(account_ids=those, count=len(those)), actor=run.actor, now=run.now, cause=causes.get(key or 0))
    by_cause: dict[int | None, list[RiskRaised | RiskLowered]] = {}
    for risk, before in edges:
        assert risk.prediction_id is not None
        assert risk.probability is not None
        say = RiskRaised if RANK[Band(risk.band)] > RANK[before] else RiskLowered
        by_cause.setdefault(risk.stale_cause_id, []).append(
            say(
                account_id=risk.account_id,
                prediction_id=risk.prediction_id,
                from_band=before.value,
                to_band=Band(risk.band).value,
                probability=round(risk.probability, 4),
            )
        )
    for cause, said in by_cause.items():
        events.publish_all(said, actor=run.actor, now=run.now, cause=causes.get(cause or 0))


def _by_cause(risks: Sequence[AccountRisk]) -> dict[int | None, list[int]]:
    found: dict[int | None, list[int]] = {}
    for risk in risks:
        found.setdefault(risk.stale_cause_id, []).append(risk.account_id)
    return found
