"""Files that wait for their import: one folder each, gone when the run has no more use for them."""

import re
import secrets
import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from apps.accounts.models import ImportRun

LARGEST = 200 * 1024**2
# Nobody comes back for a file that was left lying so long.
_KEPT = timedelta(days=7)


def folder() -> Path:
    return Path(settings.VAR_DIR) / "imports"


def keep(name: str, chunks: Iterable[bytes]) -> str:
    """Write the file and return its place in the folder."""
    plain = re.sub(r"[^\w.\- ]", "_", Path(name).name).lstrip(".")[-100:] or "file"
    place = f"{secrets.token_hex(8)}/{plain}"
    path = folder() / place
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
    return place


def path_of(run: ImportRun) -> Path:
    return folder() / run.upload


def forget(run: ImportRun) -> None:
    if run.upload:
        shutil.rmtree(path_of(run).parent, ignore_errors=True)
        ImportRun.objects.filter(pk=run.pk).update(upload="")


def forget_old(now: datetime, *, states: Iterable[str]) -> int:
    """Delete the files of runs that wait in these states for a week."""
    old = ImportRun.objects.exclude(upload="").filter(state__in=list(states), started_at__lt=now - _KEPT)
    for run in (found := list(old)):
        forget(run)
    return len(found)


def forget_all() -> int:
    """Delete every file that no worker is reading now; their runs stay, without a file to go on with."""
    waiting = ImportRun.objects.exclude(upload="").exclude(state__in=["queued", "running"])
    for run in (found := list(waiting)):
        forget(run)
    return len(found)
