"""Real sets through the documented commands (`make real-data DATA=FOLDER`): all rows arrive, and neither the same file again nor its rows in another
order change anything.

    python -m tests.real_data FOLDER [--only WORD]

Each set gets a company of its own. FOLDER holds the files named below; what is not there is listed as NOT RUN. Exit code 1 when anything differs.
"""

import argparse
import csv
import gzip
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from cs_platform.local.services import Services

_DIGESTS = {
    "accounts": "select count(*), sum(hashtext((id, name, plan, stage, arr, started_on, churned_on, traits)::text)) from accounts_account",
    "contracts": "select count(*), sum(hashtext(s::text)) from accounts_subscription s",
    "movements": "select count(*), sum(hashtext(m::text)) from accounts_arrmovement m",
    "tickets": "select count(*), sum(hashtext(t::text)) from accounts_ticket t",
    "events": "select count(*), sum(hashtext(message_id)) from accounts_activityevent",
    "rollups": "select count(*), sum(hashtext((account_id, day, name, count, value)::text)) from accounts_dailyrollup",
}


@dataclass(frozen=True)
class File:
    """One file, the command that brings it in, and how many rows its source says that it has. `once`: a later file of the set contradicts it."""

    name: str
    rows: int
    command: tuple[str, ...]
    once: bool = False


def accounts(name: str, rows: int, *words: str) -> File:
    return File(name, rows, ("import_accounts", name, *words))


def activity(name: str, rows: int, *words: str) -> File:
    return File(name, rows, ("import_activity", name, *words))


def records(kind: str, name: str, rows: int, *words: str) -> File:
    return File(name, rows, ("import_records", kind, name, *words))


_DMY = ("--dates", "dmy")
SETS: dict[str, tuple[File, ...]] = {
    "telco": (accounts("telco.csv", 7_043, "--map", "id=customerID", "--churned-column", "Churn", "--churned-value", "Yes"),),
    "saas": (accounts("pysurvival_saas_churn.csv", 2_000, "--id-from", "*", "--churned-column", "churned", "--churned-value", "1.0"),),
    "fc_social": (accounts("fc_social_accounts.csv", 4_395), activity("fc_social_events.csv.gz", 1_458_939)),
    "fc_social, every event": (accounts("fc_social_accounts.csv", 4_395), activity("fc_social_raw_timestamps_400_accounts.csv.gz", 495_234)),
    "fc_social, contracts": (
        replace(accounts("fc_social_accounts.csv", 4_395), once=True),
        records("subscriptions", "fc_social_subscriptions.csv.gz", 17_117, "--id-from", "account_id,product,start_date"),
    ),
    "oulad": (accounts("oulad_dev_accounts.csv", 1_644), activity("oulad_dev_events.csv.gz", 197_064)),
    "cdnow": (accounts("cdnow_accounts.csv", 23_570), activity("cdnow_events.csv.gz", 69_659)),
    "ravenstack": (accounts("ravenstack_accounts.csv", 500), activity("ravenstack_events.csv.gz", 34_731)),
    "ravenstack, as it came": (
        accounts("ravenstack_raw/accounts.csv.gz", 500, *_DMY),
        records("subscriptions", "ravenstack_raw/subscriptions.csv.gz", 5_000, *_DMY),
        records("tickets", "ravenstack_raw/supports_ticket.csv.gz", 2_000, *_DMY),
        activity("ravenstack_raw/feature_usage.csv.gz", 25_000, *_DMY, "--map", "at=usage_date,name=feature_name,value=usage_count"),
        activity("ravenstack_raw/churn_events.csv.gz", 600, *_DMY, "--map", "at=churn_date", "--set", "name=churned"),
    ),
    "cookie_cats": (accounts("cookie_cats_ab_test.csv.gz", 90_189, "--map", "id=userid"),),
}


class Company:
    """A database of its own, thrown away afterwards."""

    def __init__(self, folder: Path) -> None:
        self._services = Services(folder)

    def __enter__(self) -> "Company":
        self._services.start()
        self.manage("prepare", "--migrate", "--quiet")
        return self

    def __exit__(self, *_: object) -> None:
        self._services.stop()

    def manage(self, *words: str) -> str:
        own = {"DATABASE_URL": self._services.database_url, "VALKEY_URL": self._services.valkey_url, "CS_VAR": str(self._services.folder)}
        environment = {**os.environ, **own, "DJANGO_SETTINGS_MODULE": "cs_platform.settings.dev", "SECRET_KEY": "real-data"}
        done = subprocess.run([sys.executable, "manage.py", *words], env=environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError((done.stderr or done.stdout).strip()[-500:])
        return done.stdout

    def bring(self, file: File, path: Path) -> dict[str, Any]:
        words = [str(path) if word == file.name else word for word in file.command]
        return dict(json.loads(self.manage(*words, "--json").splitlines()[-1]))

    def digest(self) -> dict[str, Any]:
        with psycopg.connect(self._services.database_url) as connection:
            return {name: connection.execute(statement).fetchone() for name, statement in _DIGESTS.items()}


def shuffled(path: Path, folder: Path) -> Path:
    """The same rows in another order, under the same header."""
    with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as file:
        header, *rows = csv.reader(file)
    random.shuffle(rows)
    words = io.StringIO()
    csv.writer(words).writerows([header, *rows])
    other = folder / path.name.removesuffix(".gz")
    other.write_text(words.getvalue())
    return other


def check(name: str, folder: Path, place: Path) -> bool:
    """Bring every file of a set in, then all again, then all shuffled; a line for each."""
    print(f"{name}", flush=True)
    right = True
    with Company(place) as company:
        firsts = [company.bring(file, folder / file.name) for file in SETS[name]]
        before = company.digest()
        for file, first in zip(SETS[name], firsts, strict=True):
            later = {} if file.once else {"again": folder / file.name, "shuffled": shuffled(folder / file.name, place)}
            told = {words: company.bring(file, path) for words, path in later.items()}
            complete = (first["created"] + first["changed"], first["rows_read"], first["refused"]) == (file.rows, file.rows, 0)
            passed = complete and not any(one[what] for one in told.values() for what in ("created", "changed", "refused"))
            right = right and passed
            line = f"  {'ok  ' if passed else 'FAIL'} {file.name:46s} {first['rows_read']:>9,} of {file.rows:,} rows, {first['created']:,} created"
            line += f", {first['changed']:,} changed, {first['seconds']:.1f} s"
            print(line, *(f"{words}: {one['created']}, {one['changed']}" for words, one in told.items()), sep=" | ", flush=True)
        if different := [words for words, value in company.digest().items() if value != before[words]]:
            print(f"  FAIL the digests differ: {', '.join(different)}", flush=True)
            return False
    return right


def main() -> int:
    parser = argparse.ArgumentParser(prog="make real-data", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="Sets whose name contains this.")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    random.seed(given.seed)
    began, failed, done = time.monotonic(), 0, 0
    print(f"seed {given.seed}")
    for name in (one for one in SETS if given.only in one):
        if missing := [file.name for file in SETS[name] if not (given.folder / file.name).is_file()]:
            print(f"{name}\n  NOT RUN: {', '.join(missing)} is not in {given.folder}")
            continue
        place = Path(tempfile.mkdtemp(prefix="real-data-"))
        try:
            failed += not check(name, given.folder, place)
            done += 1
        finally:
            shutil.rmtree(place, ignore_errors=True)
    print(f"{done - failed} passed, {failed} failed, {time.monotonic() - began:.0f} s")
    return 1 if failed or not done else 0


if __name__ == "__main__":
    sys.exit(main())
