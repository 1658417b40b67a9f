"""What keeps it all: the database, the disk, the seal over the history, the backup."""

import shutil
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection

from apps.core import clock
from apps.events.models import Change, Seal

from ..saying import spell
from .types import Group, State, Vital, judged

# A transaction that stays open keeps dead rows alive everywhere.
LONG_TRANSACTION, ENDLESS_TRANSACTION = 300.0, 3600.0
_DATABASE = """
select pg_database_size(current_database()),
    (select count(*) from pg_stat_activity where datname = current_database()), current_setting('max_connections')::int,
    (select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0) from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid() and xact_start is not null),
    (select relname || ' ' || n_dead_tup || ' ' || n_live_tup from pg_stat_user_tables
        where n_dead_tup > 50000 and n_dead_tup > n_live_tup order by n_dead_tup desc limit 1)
"""


def database(now: datetime) -> list[Vital]:
    with connection.cursor() as cursor:
        cursor.execute(_DATABASE)
        size, used, most, longest, bloated = cursor.fetchone() or (0, 0, 1, 0.0, None)
    lines = partial(
        Vital, "connections", Group.STORE, "Database connections", says=f"{used} of {most}", value=float(used), limit=0.8 * most, unit="connections"
    )
    full = used > 0.8 * most
    vitals = [
        Vital("database", Group.STORE, "Database", State.OK, f"answers; {in_bytes(size)}", value=float(size), unit="bytes"),
        lines(state=State.SLOW, why="Few are left for new processes.", todo="Stop what does not need them, or raise max_connections.")
        if full
        else lines(state=State.OK),
    ]
    state = judged(float(longest), slow=LONG_TRANSACTION, stopped=ENDLESS_TRANSACTION)
    open_for = partial(
        Vital, "transaction", Group.STORE, "Longest transaction", state, spell(float(longest)), value=float(longest), limit=LONG_TRANSACTION
    )
    if state == State.OK:
        vitals.append(open_for())
    else:
        why = "While it is open nothing that died since can be cleared away, and migrations wait."
        vitals.append(open_for(why=why, todo="Look at pg_stat_activity and end it.", since=now - timedelta(seconds=float(longest))))
    if bloated:
        table, dead, alive = bloated.rsplit(" ", 2)
        why = f"{table} has {int(dead):,} dead rows and {int(alive):,} living ones."
        vitals.append(
            Vital("vacuum", Group.STORE, "Clearing away", State.SLOW, "behind", why, "Look whether autovacuum runs and what keeps it.", unit="rows")
        )
    else:
        vitals.append(Vital("vacuum", Group.STORE, "Clearing away", State.OK, "keeps up", unit="rows"))
    return vitals


def disk(now: datetime) -> list[Vital]:
    """The disk that this process writes to; a database on another machine has its own."""
    space = shutil.disk_usage(next(folder for folder in (settings.VAR_DIR, *Path(settings.VAR_DIR).parents) if folder.exists()))
    share = space.free / space.total
    state = State.STOPPED if share < 0.02 else State.SLOW if share < 0.1 else State.OK
    says = f"{in_bytes(space.free)} free of {in_bytes(space.total)}"
    vital = partial(Vital, "disk", Group.STORE, "Disk", state, says, value=100 * share, limit=10.0, unit="%")
    if state == State.OK:
        return [vital()]
    return [vital(why="When it is full nothing can be stored any more.", todo="Make room or take a larger one.")]


def history(now: datetime) -> list[Vital]:
    """How long changes have waited for their seal; the job seals every minute."""
    last = Seal.objects.order_by("-until").first()
    changes = Change.objects.filter(recorded_at__gte=last.until) if last else Change.objects.all()
    oldest = changes.order_by("recorded_at").values_list("recorded_at", flat=True).first()
    seconds = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    state = judged(seconds, slow=600.0, stopped=3600.0)
    says = f"sealed until {spell(seconds)} ago" if oldest else "all sealed"
    vital = partial(Vital, "history", Group.STORE, "Seal over the history", state, says, value=seconds, limit=600.0, about={"last": last})
    if state == State.OK:
        return [vital()]
    return [vital(why="Until a change is sealed tampering with it would not be found.", todo="See whether the job events.seal runs.", since=oldest)]


def backup(now: datetime) -> list[Vital]:
    """By the age of a file that the backup touches when it was good; nobody else knows."""
    vital = partial(Vital, "backup", Group.STORE, "Last good backup", limit=26 * 3600.0)
    if not settings.BACKUP_MARK:
        return [
            vital(state=State.UNKNOWN, says="not known", why="Nobody tells of it.", todo="Let the backup touch a file, and name it in BACKUP_MARK.")
        ]
    try:
        at = datetime.fromtimestamp(Path(settings.BACKUP_MARK).stat().st_mtime, UTC)
    except OSError:
        why = f"The file {settings.BACKUP_MARK} is not there."
        return [vital(state=State.STOPPED, says="never", why=why, todo="See whether the backup runs.")]
    seconds = max(0.0, (clock.now() - at).total_seconds())
    state = judged(seconds, slow=26 * 3600.0, stopped=3 * 86_400.0)
    says = f"{spell(seconds)} ago"
    if state == State.OK:
        return [vital(state=state, says=says, value=seconds, about={"at": at})]
    why = "Whatever happened since could not be brought back."
    return [vital(state=state, says=says, value=seconds, about={"at": at}, why=why, todo="See whether the backup runs.", since=at)]


def in_bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
