import gzip
import io
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from apps.accounts.models import ActivityEvent, DailyRollup, EventName, ImportProblem, ImportRun, Subscription
from apps.events.models import Event
from tests import make


def write(folder, text: str | bytes, name: str = "events.csv") -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def run(*words: str) -> dict:
    out = io.StringIO()
    call_command("import_activity", *words, "--json", stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def counts(report: dict) -> tuple[int, int, int]:
    return report["created"], report["same"], report["refused"]


SIX = (
    "account_id,timestamp,event_type,value,quantity,page\n"
    "a,2024-01-01 10:00:00,login,1,,\n"
    "a,2024-01-01 10:00:00,login,1,,\n"
    "a,2024-01-01T23:30:00-02:00,export,2.5,3,start\n"
    "b,2024-01-02,login,,,\n"
    "b,2024-01-02,login,4,,\n"
    "b,2024-01-03T00:00:00Z,log\\in,4,,\n"
)


@pytest.fixture
def two_accounts(db):
    return make.account(external_id="a"), make.account(external_id="b")


def rollups() -> list[tuple]:
    return [
        (a, str(day), name, count, value)
        for a, day, name, count, value in DailyRollup.objects.order_by("account_id", "day", "name").values_list(
            "account__external_id", "day", "name", "count", "value"
        )
    ]


def test_rows_become_events_rollups_and_names(tmp_path, two_accounts):
    assert counts(run(write(tmp_path, SIX))) == (6, 0, 0)

    assert rollups() == [
        ("a", "2024-01-01", "login", 2, 2.0),
        ("a", "2024-01-02", "export", 1, 2.5),
        ("b", "2024-01-02", "login", 2, 5.0),
        ("b", "2024-01-03", "log\\in", 1, 4.0),
    ]
    export = ActivityEvent.objects.get(name="export")
    assert (export.source, export.at, export.properties) == ("import", datetime(2024, 1, 2, 1, 30, tzinfo=UTC), {"quantity": 3, "page": "start"})
    assert set(EventName.objects.values_list("name", "meaning")) == {("login", "other"), ("export", "other"), ("log\\in", "other")}
    event = Event.objects.get()
    assert (event.type, event.payload["kind"], event.payload["rows"]) == ("import.finished", "activity", 6)


def test_identical_rows_are_kept_and_importing_again_adds_only_what_is_new(tmp_path, two_accounts):
    run(write(tmp_path, SIX))
    assert counts(run(write(tmp_path, SIX))) == (0, 6, 0)
    assert Event.objects.count() == 1

    longer = SIX + "a,2024-01-01 10:00:00,login,1,,\nb,2024-02-01,login,1,,\n"
    assert counts(run(write(tmp_path, longer))) == (2, 6, 0)
    assert rollups()[0] == ("a", "2024-01-01", "login", 3, 3.0)


def test_a_map_names_their_columns(tmp_path, two_accounts):
    file = write(tmp_path, "cust,when,what,how_much\na,01.02.2024,login,3\n")
    with pytest.raises(
        CommandError,
        match="has no column for account and at and name. It has: cust, when, what, how_much. Say --map account=COLUMN,at=COLUMN,name=COLUMN.",
    ):
        run(file)
    run(file, "--map", "account=cust,at=when,name=what,value=how_much", "--dates", "dmy")
    assert rollups() == [("a", "2024-02-01", "login", 1, 3.0)]


USE = (
    "id,subscription_id,day,feature,uses\n"
    "1,A-1,27-07-2023,search,9\n2,A-2,27-07-2023,search,9\n3,A-2,27-07-2023,search,9\n4,B-1,28-07-2023,export,0\n5,A-1,28-07-2023,export,2\n"
)
MAP = ("--map", "at=day,name=feature,value=uses", "--dates", "dmy")


@pytest.fixture
def three_contracts(two_accounts):
    for name in ("A-1", "A-2", "B-1"):
        account = two_accounts[0] if name.startswith("A") else two_accounts[1]
        Subscription.objects.create(account=account, external_id=name, started_on=date(2023, 1, 1), currency="USD")


def test_a_file_that_names_contracts_reaches_their_accounts(tmp_path, three_contracts):
    assert counts(run(write(tmp_path, USE), *MAP)) == (5, 0, 0)
    assert rollups() == [("a", "2023-07-27", "search", 3, 27), ("a", "2023-07-28", "export", 1, 2), ("b", "2023-07-28", "export", 1, 0)]
    assert ActivityEvent.objects.get(account__external_id="b").properties == {"id": 4}


def test_rows_of_contracts_in_any_other_order_change_nothing(tmp_path, three_contracts):
    run(write(tmp_path, USE), *MAP)
    header, *rows = USE.splitlines(keepends=True)
    for number, order in enumerate(itertools.permutations(rows)):
        if number % 17 == 0:
            assert counts(run(write(tmp_path, header + "".join(order)), *MAP)) == (0, 5, 0)


def test_a_contract_that_nobody_knows_is_named(tmp_path, three_contracts):
    with pytest.raises(CommandError, match=r"1 row of unknown subscriptions \(row 7\)"):
        run(write(tmp_path, USE + "6,C-1,28-07-2023,export,2\n"), *MAP)
    assert ImportProblem.objects.get().problem == "No subscription has the id 'C-1'. Import the subscriptions first."
    assert ActivityEvent.objects.count() == 0


def test_where_an_account_is_named_too_the_contract_is_a_property(tmp_path, three_contracts):
    file = write(tmp_path, "account_id,subscription_id,at,event\nb,A-1,2024-01-01,login\n")
    run(file)
    assert rollups() == [("b", "2024-01-01", "login", 1, 1)]
    assert ActivityEvent.objects.get().properties == {"subscription_id": "A-1"}
    run(file, "--map", "subscription=subscription_id")
    assert ActivityEvent.objects.get(account__external_id="a").properties == {"account_id": "b"}


def test_what_all_rows_have_in_common_is_said_once(tmp_path, two_accounts):
    run(write(tmp_path, "account_id,left on,type\na,2024-01-01,price\n"), "--map", "at=left on", "--set", "name=100% gone,value=7")
    assert rollups() == [("a", "2024-01-01", "100% gone", 1, 7)]
    assert ActivityEvent.objects.get().properties == {"type": "price"}
    with pytest.raises(CommandError, match="--set at=soon: at is no date. Write it as 2026-03-01."):
        run(write(tmp_path, "account_id,event\na,login\n"), "--set", "at=soon")
    with pytest.raises(CommandError, match="--set names our field 'message_id', which does not exist"):
        run(write(tmp_path, "account_id,event\na,login\n"), "--set", "message_id=1")


def test_a_person_column_links_the_person(tmp_path, two_accounts):
    sam = make.contact(two_accounts[0], external_id="u1")
    run(write(tmp_path, "account_id,user_id,at,event\na,u1,2024-01-01,login\nb,u1,2024-01-01,login\na,,2024-01-01,login\n"))
    assert list(ActivityEvent.objects.order_by("account_id", "contact_id").values_list("account__external_id", "contact")) == [
        ("a", sam.pk),
        ("a", None),
        ("b", None),
    ]


def test_bad_rows_and_unknown_accounts_are_named_and_nothing_is_imported(tmp_path, two_accounts):
    file = write(
        tmp_path,
        b"account_id,timestamp,event_type,value\na,2024-01-01,login,1\n,2024-01-01,login,1\na,soon,,x\na,2150-01-01,login,1\nzz,2024-01-01,login,1\n"
        b"a,2024-01-01,n\0,1\na,2024-01-01,login,1,1\na,2024-01-01,\xe4,1\na," + b"9" * 40_000 + b",login,1\nzz,2024-01-01,login,1\n",
    )

    with pytest.raises(CommandError) as refusal:
        run(file)

    assert "Mend them, or import the other 1 with --skip-bad-rows." in str(refusal.value)
    assert not ActivityEvent.objects.exists()
    assert not EventName.objects.exists()
    assert ImportRun.objects.get().state == "refused"
    found = list(ImportProblem.objects.order_by("row", "id").values_list("row", "column", "problem"))
    assert [(row, column) for row, column, _ in found] == [
        (3, "account_id"),
        (4, "timestamp"),
        (4, "event_type"),
        (4, "value"),
        (5, "timestamp"),
        (6, "account"),
        (7, "event_type"),
        (8, ""),
        (9, "event_type"),
        (10, "timestamp"),
        (11, "account"),
    ]
    words = {(row, column): problem for row, column, problem in found}
    assert words[5, "timestamp"] == "timestamp lies in the future."
    assert words[6, "account"] == "No account has the id 'zz'. Import the accounts first."

    report = run(file, "--skip-bad-rows")
    assert (counts(report), report["rows_read"]) == ((1, 0, 9), 10)
    assert "2 rows of unknown accounts (rows 6, 11)" in report["message"]


def test_many_problems_are_all_counted_and_the_first_thousand_kept(tmp_path, two_accounts):
    file = write(tmp_path, "account_id,timestamp,event_type\na,2024-01-01,login\n" + "zz,2024-01-01,login\n" * 1_500 + "a,,login\n" * 1_500)
    report = run(file, "--skip-bad-rows")
    assert (counts(report), ImportProblem.objects.count()) == ((1, 0, 3_000), 2_000)
    assert "1,500 rows without timestamp (rows 1502, 1503" not in report["message"]
    assert "1,500 rows without timestamp (rows 1503, 1504, 1505, 1506, 1507, 1508, 1509, 1510 and 1,492 more)" in report["message"]


def test_a_file_of_strangers_is_refused_even_when_bad_rows_are_skipped(tmp_path, two_accounts):
    with pytest.raises(CommandError, match="No row of the file can be imported."):
        run(write(tmp_path, "account_id,timestamp,event_type\nzz,2024-01-01,login\n"), "--skip-bad-rows")
    with pytest.raises(CommandError, match="The file has a header and no rows."):
        run(write(tmp_path, "account_id,timestamp,event_type\n"))


def test_an_unknown_column_in_the_map_is_refused(tmp_path, two_accounts):
    with pytest.raises(CommandError, match='--map names the column "worth" for value'):
        run(write(tmp_path, SIX), "--map", "value=worth")
    assert not ActivityEvent.objects.exists()


def test_a_dry_run_says_what_would_be_new(tmp_path, two_accounts):
    run(write(tmp_path, SIX))
    report = run(write(tmp_path, SIX + "b,2024-02-01,login,1,,\n"), "--dry-run")
    assert counts(report) == (1, 6, 0)
    assert ActivityEvent.objects.count() == 6


def big(folder, rows: int = 60_000) -> str:
    lines = (f"c{number % 40},2024-01-{number % 28 + 1:02},event{number % 3},{number % 5}\n" for number in range(rows))
    return write(folder, gzip.compress(b"account_id,timestamp,event_type,value\n" + "".join(lines).encode(), 1, mtime=0), "big.csv.gz")


def forty_accounts() -> None:
    for number in range(40):
        make.account(external_id=f"c{number}")


def test_an_interrupted_import_goes_on_with_the_next_slice(tmp_path, db, monkeypatch):
    from apps.accounts.imports import activity as module

    forty_accounts()
    real = module._slice

    def stop_at_the_second(number, order):
        if number == 1:
            raise KeyboardInterrupt
        return real(number, order)

    monkeypatch.setattr(module, "_slice", stop_at_the_second)
    with pytest.raises(CommandError, match="Interrupted"):
        run(big(tmp_path))
    stopped = ImportRun.objects.get()
    assert (stopped.state, stopped.slices_done) == ("interrupted", 1)
    assert 0 < stopped.rows_created == ActivityEvent.objects.count() < 60_000

    monkeypatch.setattr(module, "_slice", real)
    report = run(big(tmp_path))
    assert (report["run_id"], report["resumed"], counts(report)) == (stopped.pk, True, (60_000, 0, 0))
    assert sum(DailyRollup.objects.values_list("count", flat=True)) == 60_000


def wait_for(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


@pytest.mark.fault
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("how", "state"), [(signal.SIGKILL, "running"), (signal.SIGTERM, "interrupted")])
def test_a_killed_import_is_finished_by_the_same_command_and_counts_nothing_twice(tmp_path, how, state):
    forty_accounts()
    file = big(tmp_path, 160_000)
    settings = connection.settings_dict
    env = {**os.environ, "DATABASE_URL": f"postgres://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}"}
    command = [sys.executable, "manage.py", "import_activity", file]
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        wait_for(lambda: ImportRun.objects.filter(slices_done__gte=2).exists() or process.poll() is not None)
        process.send_signal(how)
        process.communicate(timeout=30)
    finally:
        process.kill()
    stopped = ImportRun.objects.get()
    assert stopped.state == state
    assert 2 <= stopped.slices_done < 8
    assert ActivityEvent.objects.count() == stopped.rows_created
    # PostgreSQL notices the dead client and lets go of the import lock a moment later.
    wait_for(lambda: not _import_lock_is_held())

    report = run(file)

    assert (report["run_id"], report["resumed"], counts(report)) == (stopped.pk, True, (160_000, 0, 0))
    assert ActivityEvent.objects.count() == 160_000
    assert sum(DailyRollup.objects.values_list("count", flat=True)) == 160_000
    assert Event.objects.filter(type="import.finished").count() == 1


def _import_lock_is_held() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_locks where locktype = 'advisory' and objid = 7130431")
        return cursor.fetchone()[0] > 0


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_are_refused(tmp_path):
    import psycopg

    make.account(external_id="a")
    settings = connection.settings_dict
    with psycopg.connect(dbname=settings["NAME"], user=settings["USER"], host=settings["HOST"]) as other:
        other.execute("select pg_advisory_lock(7130431)")
        with pytest.raises(CommandError, match="Another import is running."):
            run(write(tmp_path, SIX))
    assert not ImportRun.objects.exists()
