"""Every vital sign there is, declared once: what page, banner, doors, alerts and widgets show."""

import logging
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import datetime
from functools import partial

from django.db import DatabaseError, connection, transaction

from . import jobs, learned, processes, promises, providers, queues, read_models, store
from .types import RANK, Check, Group, State, Vital

log = logging.getLogger(__name__)

# What is looked at every other second by each web process: cheap, and what the banner is made of.
URGENT: Sequence[Check] = (queues.broker, processes.processes, queues.rows, providers.providers)
ALL: Sequence[Check] = (
    *URGENT,
    queues.given_up,
    jobs.jobs,
    read_models.read_models,
    learned.models,
    store.database,
    store.disk,
    store.history,
    store.backup,
    promises.promises,
)


def look(now: datetime, checks: Iterable[Check] = ALL) -> list[Vital]:
    """The vital signs as of now. A check that breaks is itself a vital sign, and hides no other."""
    found: list[Vital] = []
    for check in checks:
        try:
            # Within a transaction a statement that fails would take the others with it.
            with transaction.atomic() if connection.in_atomic_block else nullcontext():
                found += check(now)
        except (DatabaseError, OSError, ValueError, KeyError, TypeError) as error:
            log.exception("the check %s broke", check.__name__)
            broken = partial(Vital, f"check-{check.__name__}", Group.STORE, f"The look at {check.__name__.replace('_', ' ')}")
            found.append(broken(state=State.UNKNOWN, says="broke", why=f"{type(error).__name__}: {str(error)[:200]}", todo="Its log tells where."))
    return found


def worst(vitals: Iterable[Vital]) -> State:
    """Unknown signs make nobody ill."""
    states = {vital.state for vital in vitals}
    return next((state for state in RANK if state in states and state != State.UNKNOWN), State.OK)


def ill(vitals: Iterable[Vital], *states: State) -> list[Vital]:
    """Those in these states (stopped and slow unless told), the worst and the longest first."""
    wanted = states or (State.STOPPED, State.SLOW)
    found = [vital for vital in vitals if vital.state in wanted]
    return sorted(found, key=lambda vital: (RANK.index(vital.state), vital.since.timestamp() if vital.since else float("inf")))
