from celery import shared_task

from apps.core import clock
from apps.core.actor import Actor

from . import services


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
