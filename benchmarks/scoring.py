"""Scoring with reasons stored, against the bare arithmetic of the same scores; and one account on the real-time path."""

import time
from datetime import timedelta

from apps.churn import features as point_in_time
from apps.churn import services as churn
from apps.churn.scoring import engine
from apps.churn.selectors import live_model
from apps.core.actor import Actor

from .measure import cost
from .rolled import NOW, fill

ACTOR = Actor.job("bench")


def run() -> dict[str, float]:
    keys = fill()
    definition = churn.ensure_default(now=NOW)
    version = live_model(definition)
    assert version is not None
    rows = point_in_time.rows(as_of=NOW)
    predict = min(cost(lambda: engine.scores(version.kind, version.parameters, rows)).cpu for _ in range(3))
    churn.score_all(as_of=NOW, now=NOW, actor=ACTOR)
    whole = min(
        cost(lambda day=day: churn.score_all(as_of=NOW + timedelta(days=day), now=NOW + timedelta(days=day), actor=ACTOR)).cpu for day in (1, 2)
    )
    times = []
    for number, key in enumerate(keys[:300]):
        moment = NOW + timedelta(days=3, seconds=number)
        churn.mark_stale([key], now=moment)
        began = time.perf_counter()
        assert churn.score_stale(now=moment, actor=ACTOR) == 1
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return {
        "over_bulk_predict": round(whole / predict, 1),
        "realtime_p50_ms": round(times[len(times) // 2], 1),
        "realtime_p99_ms": round(times[int(len(times) * 0.99)], 1),
        "accounts": len(rows),
        "us_per_account": round(whole / len(rows) * 1e6),
    }
