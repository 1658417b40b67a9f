from celery import shared_task

from apps.core import clock
from apps.core.actor import Actor

from . import services
from .imports import desk, undo

# A million rows of a workbook take their time; the sweep finds a run whose worker died.
_LIMIT = 4 * 3600


@shared_task(name="accounts.check_import", time_limit=_LIMIT, soft_time_limit=_LIMIT - 60)
def check_import(run_id: int) -> None:
    desk.rehearse(run_id, now=clock.now())


@shared_task(name="accounts.carry_import", time_limit=_LIMIT, soft_time_limit=_LIMIT - 60)
def carry_import(run_id: int) -> None:
    desk.carry(run_id, now=clock.now())


@shared_task(name="accounts.undo_import", time_limit=_LIMIT, soft_time_limit=_LIMIT - 60)
def undo_import(run_id: int) -> None:
    undo.take_back(run_id, now=clock.now())


@shared_task(name="accounts.sweep_imports", time_limit=_LIMIT, soft_time_limit=_LIMIT - 60)
def sweep_imports() -> int:
    return desk.sweep(now=clock.now())


@shared_task(name="accounts.keep_months")
def keep_months() -> list[str]:
    return services.keep_months(now=clock.now())


@shared_task(name="accounts.plan_renewals")
def plan_renewals() -> dict[str, int]:
    return services.renewals.plan(actor=Actor.job("accounts.plan_renewals"), now=clock.now())


@shared_task(name="accounts.count_names")
def count_names() -> int:
    return services.count_names(now=clock.now())
