"""Marks on accounts whose score is older than what is known of them."""

from datetime import datetime

from apps.accounts.services import Marks
from apps.events.models import Event

from .models import AccountRisk

MARKS = Marks(AccountRisk, job="churn.score_stale")
mark_stale, mark_all_stale = MARKS.some, MARKS.all


def mark_users_of_name_stale(name: str, *, now: datetime, cause: Event | None = None) -> None:
    """Every account that ever did this needs a fresh score: it means something else now."""
    MARKS.where("id in (select account_id from accounts_dailyrollup where name = %(name)s)", {"name": name}, now=now, cause=cause)
