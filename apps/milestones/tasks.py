from celery import shared_task

from apps.core import clock
from apps.core.actor import Actor
from apps.core.jobs import in_turns

from . import services

_AT_ONCE = 500
_PER_RUN = 20_000


@shared_task(name="milestones.evaluate_stale")
def evaluate_stale(rest: bool = True) -> int:
    """Settle the marks, in claims of a bounded size, so that several workers share a large import."""
    return in_turns(lambda: services.evaluate_stale(now=clock.now(), actor=Actor.job("milestones.evaluate_stale"), limit=_AT_ONCE), rest=rest)


@shared_task(name="milestones.evaluate_all")
def evaluate_all() -> int:
    """Judge everybody, so that what a lost mark or a corrected past left behind is found."""
    return services.evaluate_all(now=clock.now(), actor=Actor.job("milestones.evaluate_all"))


@shared_task(name="milestones.judge_pace")
def judge_pace() -> int:
    return services.judge_pace(now=clock.now(), actor=Actor.job("milestones.judge_pace"))


@shared_task(name="milestones.offer")
def offer() -> int:
    """Give a next milestone to accounts that have nothing to go for."""
    now, actor, done = clock.now(), Actor.job("milestones.offer"), 0
    while done < _PER_RUN and (looked := services.offer_waiting(now=now, actor=actor, limit=_AT_ONCE)):
        done += looked
        if looked < _AT_ONCE:
            break
    return done


@shared_task(name="milestones.learn_outcomes")
def learn_outcomes() -> int:
    now = clock.now()
    services.settle_outcomes(now=now)
    return services.learn_outcomes(now=now)


@shared_task(name="milestones.look_back")
def look_back() -> int:
    """Learn all outcomes again in the order in which they happened, read what milestones are worth, tell the trial of the order who stayed."""
    now = clock.now()
    services.settle_outcomes(now=now)
    services.record_stayed(now=now)
    services.read_order_if_old(now=now)
    return services.relearn_outcomes(now=now)


@shared_task(name="milestones.pace_budgets")
def pace_budgets() -> int:
    return services.repace_all(now=clock.now())


@shared_task(name="milestones.close_budgets")
def close_budgets() -> int:
    return services.close_months(actor=Actor.job("milestones.close_budgets"), now=clock.now())


@shared_task(name="milestones.expire_rewards")
def expire_rewards() -> int:
    return services.expire_due(actor=Actor.job("milestones.expire_rewards"), now=clock.now())


@shared_task(name="milestones.count_streaks")
def count_streaks() -> int:
    return services.count_all_streaks(actor=Actor.job("milestones.count_streaks"), now=clock.now())


@shared_task(name="milestones.judge_tiers")
def judge_tiers() -> int:
    return services.judge_tiers(actor=Actor.job("milestones.judge_tiers"), now=clock.now())


@shared_task(name="milestones.learn_usual_acts")
def learn_usual_acts() -> int:
    return services.learn_usual(now=clock.now())


@shared_task(name="milestones.reckon_boards")
def reckon_boards() -> int:
    return services.reckon_all(now=clock.now())


@shared_task(name="milestones.sweep_rewards")
def sweep_rewards() -> int:
    return services.sweep_rewards(actor=Actor.job("milestones.sweep_rewards"), now=clock.now())
