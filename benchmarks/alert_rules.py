"""How well rules find what happened: generated series whose incidents are known, through the product's own detectors and hysteresis; and the cost of
the watch per changed account.

The series are daily counts with a weekly shape, a slow trend and more scatter than chance, at about 2000, 120 and 4 a day; into each are put spikes
(1-2 days), drops (2-5 days) and lasting shifts. Sizes of incidents are drawn, so that some are too small to find. It proves that the arithmetic
holds what docs/alert-rules.md says, in a world like this one; it says nothing of how useful alerts are to anybody. ALERT_SERIES sets how many.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from django.db import connection

from apps.accounts.models import Account
from apps.alerts.models import AlertRule, RuleDay, Watched
from apps.alerts.rules import early, tuning, watching
from apps.alerts.rules import services as rules
from apps.alerts.rules.definition import Baseline
from apps.alerts.rules.detectors import Pattern, same_weekday
from apps.alerts.rules.hysteresis import RELEASE, Memory, Turn, step
from apps.alerts.types import RuleState
from apps.core.actor import Actor
from apps.health.models import HealthModel

SERIES = int(os.environ.get("ALERT_SERIES", "60"))
WARM_UP, DAYS, WEEKS = 84, 180, 8
BEGIN = date(2026, 1, 5)
SMALL, LARGE = 2_000, int(os.environ.get("ALERT_ACCOUNTS", "10000"))
ACTOR = Actor.job("benchmark")
USUAL = Baseline(figure="usage")
# What a threshold must hold on the half that it is chosen on.
ENOUGH, MOST_FALSE = 0.70, 0.15
# (a day, weekly shape: Saturday and Sunday, scatter beyond chance as a share of the level)
SIZES = {"large": (2000, (0.45, 0.4), 0.05), "mid": (120, (0.45, 0.4), 0.08), "small": (4, (0.7, 0.7), 0.1)}
# By what an incident multiplies the figure. What would be an incident of a large series is no news of a small one.
BY = {
    **dict.fromkeys(("large", "mid"), {"spike": (1.5, 2.6), "drop": (0.1, 0.6), "up": (1.4, 1.9), "down": (0.35, 0.65)}),
    "small": {"spike": (2.5, 5.0), "drop": (0.0, 0.15), "up": (2.0, 4.0), "down": (0.0, 0.25)},
}
THRESHOLDS = (2.5, 3.0, 3.5, 4.0, 4.5, 5.0)
# A lasting shift is worth finding within so many days; after the last day of an incident one more counts, as figures come in late.
FOUND_WITHIN, LATE = 7, 1


@dataclass(frozen=True)
class Incident:
    kind: str
    first: int
    last: int

    @property
    def until(self) -> int:
        return min(self.last, self.first + FOUND_WITHIN) + LATE


@dataclass(frozen=True)
class Series:
    values: list[float]
    incidents: list[Incident]


def series(size: str, seed: int) -> Series:
    level, weekend, scatter = SIZES[size]
    draw = np.random.default_rng([seed, level])
    count = WARM_UP + DAYS
    week = np.concatenate([draw.uniform(0.9, 1.1, 5), np.array(weekend) * draw.uniform(0.9, 1.1, 2)])
    base = level * draw.uniform(0.7, 1.4)
    trend = np.exp(draw.normal(0, 0.001) * np.arange(count))
    mean = base * trend * np.array([week[(BEGIN + timedelta(days=day)).weekday()] for day in range(count)])
    # One day in a hundred is odd without being an incident.
    factor = np.where(draw.random(count) < 0.01, np.exp(draw.normal(0, 0.2, count)), 1.0)
    incidents = []
    at = WARM_UP + int(draw.integers(5, 120))
    while at < count - 8:
        kind = str(draw.choice(["spike", "drop", "shift"]))
        last = min(at + {"spike": int(draw.integers(0, 2)), "drop": int(draw.integers(1, 5)), "shift": count}[kind], count - 1)
        factor[at : last + 1] *= draw.uniform(*BY[size][str(draw.choice(["down", "up"])) if kind == "shift" else kind])
        if kind == "shift":
            last = min(at + 28, count - 1)
        incidents.append(Incident(kind, at, last))
        at = last + int(draw.integers(60, 150))
    mean = mean * factor
    shape = 1 / scatter**2
    return Series([float(one) for one in draw.poisson(draw.gamma(shape, mean / shape))], incidents)


def by_level(values: list[float]) -> Iterator[tuple[int, float]]:
    """Day and score by the detector with a state that does not grow."""
    pattern = Pattern()
    for day, value in enumerate(values):
        on = BEGIN + timedelta(days=day)
        if day >= WARM_UP:
            yield day, pattern.score(on, value)
        pattern = pattern.learned(on, value)


def by_weekday(values: list[float]) -> Iterator[tuple[int, float]]:
    """Day and score by the same weekdays of eight weeks."""
    for day in range(WARM_UP, len(values)):
        past = [(BEGIN + timedelta(days=one), values[one]) for one in range(day - 7 * WEEKS, day)]
        usual = same_weekday(past, BEGIN + timedelta(days=day))
        assert usual is not None
        yield day, usual.score(values[day])


def one_step(memory: Memory, day: int, far: float, threshold: float) -> tuple[Memory, Turn]:
    on = BEGIN + timedelta(days=day)
    return step(
        memory, on, over=far >= threshold, calm=far < RELEASE * threshold, opens_after=1, calm_days=USUAL.calm_days, cooldown_days=USUAL.cooldown_days
    )


def alerts(scores: list[tuple[int, float]], threshold: float) -> list[int]:
    """The days on which a rule would tell somebody."""
    memory, told = Memory(), []
    for day, score in scores:
        memory, turn = one_step(memory, day, abs(score), threshold)
        if turn == Turn.BEGAN:
            told.append(day)
    return told


@dataclass
class Verdict:
    true: int = 0
    false: int = 0
    found: int = 0
    once: int = 0
    of: int = 0
    days: int = 0
    delay: int = 0

    def add(self, told: list[int], one: Series) -> None:
        self.days += len(one.values) - WARM_UP
        for incident in one.incidents:
            mine = [day for day in told if incident.first <= day <= incident.until]
            self.of += 1
            if mine:
                self.found += 1
                self.delay += mine[0] - incident.first
                whole = [day for day in told if incident.first <= day <= incident.last + LATE]
                self.once += len(whole) == 1
        for day in told:
            if any(incident.first <= day <= incident.last + LATE for incident in one.incidents):
                self.true += 1
            else:
                self.false += 1

    def figures(self) -> dict[str, float]:
        return {
            "precision": round(self.true / max(self.true + self.false, 1), 2),
            "recall": round(self.found / max(self.of, 1), 2),
            "false_per_month": round(self.false / self.days * 30, 3),
            "delay_days": round(self.delay / max(self.found, 1), 2),
            "once": round(self.once / max(self.found, 1), 2),
            "incidents": self.of,
        }


def found() -> dict[str, dict[str, float]]:
    """Per size and detector what it found on the second half of the series, at the lowest threshold that holds on the first half."""
    told: dict[str, dict[str, float]] = {}
    for size in SIZES:
        made = [series(size, seed) for seed in range(2 * SERIES)]
        for name, way in (("level", by_level), ("weekday", by_weekday)):
            began = time.process_time()
            scored = [list(way(one.values)) for one in made]
            took = (time.process_time() - began) / sum(len(scores) for scores in scored)
            for threshold in THRESHOLDS:
                chosen = verdict(made[:SERIES], scored[:SERIES], threshold)
                if chosen["precision"] >= ENOUGH and chosen["false_per_month"] <= MOST_FALSE:
                    break
            told[f"{size}_{name}"] = {
                "threshold": threshold,
                **verdict(made[SERIES:], scored[SERIES:], threshold),
                "at_3.5": verdict(made[SERIES:], scored[SERIES:], 3.5)["precision"],
                "us_per_point": round(took * 1e6, 1),
            }
    return told


def verdict(made: list[Series], scored: list[list[tuple[int, float]]], threshold: float) -> dict[str, float]:
    whole = Verdict()
    for one, scores in zip(made, scored, strict=True):
        whole.add(alerts(scores, threshold), one)
    return whole.figures()


def tuned() -> dict[str, float]:
    """The precision of the last 100 alerts after a rule has tuned itself, begun at three thresholds: everybody says what is true."""
    made = [series("mid", 10_000 + seed) for seed in range(max(SERIES * 4, 240))]
    scored = [list(by_level(one.values)) for one in made]
    told = {}
    for begin in (2.5, 3.0, 6.0):
        threshold, true = begin, []
        for one, scores in zip(made, scored, strict=True):
            memory = Memory()
            for day, score in scores:
                memory, turn = one_step(memory, day, abs(score), threshold)
                if turn == Turn.BEGAN:
                    useful = any(incident.first <= day <= incident.last + LATE for incident in one.incidents)
                    true.append(useful)
                    threshold = tuning.moved(threshold, useful=useful)
        told[f"precision_from_{begin:g}"] = round(sum(true[-100:]) / len(true[-100:]), 2)
        told[f"threshold_from_{begin:g}"] = round(threshold, 2)
        told[f"alerts_from_{begin:g}"] = len(true)
    return told


# --- the cost of the watch

_ACCOUNTS = """
insert into accounts_account (external_id, name, stage, arr, currency, time_zone, traits, synthetic, plan, domain, started_on, created_at, version)
select 'watched-' || n, 'Watched ' || n, 'active', 1000 + n, 'USD', 'UTC', '{}', false, '', '', %(day)s::date - 400, %(day)s, 1
from generate_series(%(first)s, %(last)s) n on conflict do nothing
"""
_SCORES = """
insert into health_healthscore (account_id, model_id, as_of, score, band, coverage, parts, created_at)
select a.id, %(model)s, %(day)s::date - d + interval '9 hours', 60 + (a.id * 7 + d * 3) %% 20, 'fair', 100, '[]', %(day)s
from accounts_account a, generate_series(1, 30, 3) d
where a.external_id like 'watched-%%' and not exists (select 1 from health_healthscore h where h.account_id = a.id)
"""
_FALL = """
insert into health_healthscore (account_id, model_id, as_of, score, band, coverage, parts, created_at)
select id, %(model)s, %(at)s, 60 - %(fall)s, 'fair', 100, '[]', %(at)s from accounts_account where id = any(%(ids)s)
"""
WATCHED = ("health-drop", "health-poor", "red-ahead", "sponsor-silent", "p1-open")


def watch() -> dict[str, float]:
    """The cost of a look at an account of which something changed, in a small and in a large house; and of a day that is over, per account."""
    told: dict[str, float] = {}
    now = datetime(2026, 3, 11, 12, tzinfo=UTC)
    rules.ensure(now=now - timedelta(days=1))
    AlertRule.objects.exclude(key__in=WATCHED).exclude(kind="notice").update(state=RuleState.OFF)
    AlertRule.objects.filter(key__in=WATCHED).update(state=RuleState.LIVE, live_at=now)
    model = HealthModel.objects.order_by("pk").first()
    assert model is not None
    made = 0
    for place, size in enumerate((SMALL, LARGE)):
        with connection.cursor() as cursor:
            cursor.execute(_ACCOUNTS, {"day": now.date(), "first": made, "last": size - 1})
            cursor.execute(_SCORES, {"day": now.date(), "model": model.pk})
            for table in ("accounts_account", "health_healthscore", "alerts_watched"):
                cursor.execute(f"analyze {table}")
        made = size
        RuleDay.objects.all().delete()
        Watched.objects.all().delete()
        today = now + timedelta(days=place)
        AlertRule.objects.filter(key__in=WATCHED).update(live_at=today)
        began = time.perf_counter()
        watching.look(now=today, actor=ACTOR)
        told[f"begin_us_per_account_{size}"] = round((time.perf_counter() - began) / size / len(WATCHED) * 1e6, 1)
        everybody = Account.objects.filter(external_id__startswith="watched-").order_by("pk").values_list("pk", flat=True)
        changed = list(everybody[place * 500 : place * 500 + 500])
        with connection.cursor() as cursor:
            cursor.execute(_FALL, {"ids": changed, "model": model.pk, "at": today, "fall": 2})
        early.mark(changed, now=today)
        began = time.perf_counter()
        looked = early.look(now=today, actor=ACTOR)
        told[f"look_us_per_changed_{size}"] = round((time.perf_counter() - began) / looked * 1e6, 1)
        began = time.perf_counter()
        watching.look(now=today + timedelta(days=1), actor=ACTOR)
        told[f"day_us_per_account_rule_{size}"] = round((time.perf_counter() - began) / size / len(WATCHED) * 1e6, 1)
    told["look_large_over_small"] = round(told[f"look_us_per_changed_{LARGE}"] / told[f"look_us_per_changed_{SMALL}"], 2)
    return told


def run() -> dict[str, object]:
    told = found()
    for key, value in told.items():
        print(f"    {key:14} {value}")
    learned = tuned()
    print(f"    tuned          {learned}")
    cost = watch()
    print(f"    watch          {cost}")
    return {**told, "tuned": learned, "watch": cost}
