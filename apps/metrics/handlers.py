from apps.core import clock
from apps.core.jobs import after_commit
from apps.events import vocabulary as said
from apps.events.models import Event

from . import services

# Further activity of an account that counts as active changes no sum: what it did is counted by the hour.
_SILENT_SO_FAR = """
id = any(%(ids)s) and not exists (
    select 1 from metrics_accounttally s where s.account_id = accounts_account.id and s.holds ? 'active_7' and s.holds ? 'active_28')
"""


def count(event: said.AccountEvent | said.ActivityReceived | said.AlertOpened, row: Event) -> None:
    """Count what happened by the hour."""
    services.count(event, at=row.at, now=clock.now())
    if isinstance(event, said.ActivityReceived):
        services.MARKS.where(_SILENT_SO_FAR, {"ids": list(event.account_ids)}, now=clock.now(), cause=row)


def mark_stale(event: said.AccountsChanged | said.StoryChanged | said.AccountEvent, row: Event) -> None:
    account_ids = [event.account_id] if isinstance(event, said.AccountEvent) else event.account_ids
    services.mark_stale(account_ids, now=clock.now(), cause=row)


def mark_imported_stale(event: said.ImportFinished, row: Event) -> None:
    """Also those who have left: what a file says may be that they did. Activity that came or went with it is counted anew."""
    services.MARKS.where("true", {}, now=clock.now(), cause=row)
    after_commit("metrics.recount_activity")
