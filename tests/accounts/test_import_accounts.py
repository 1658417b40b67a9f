import gzip
import hashlib
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.accounts.models import Account, ImportProblem, ImportRun
from apps.events.models import Event
from tests import make

pytestmark = pytest.mark.django_db


def write(folder: Path, text: str | bytes, name: str = "accounts.csv") -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def run(*words: str) -> dict:
    out = io.StringIO()
    call_command("import_accounts", *words, "--json", stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def counts(report: dict) -> tuple[int, int, int, int]:
    return report["created"], report["changed"], report["same"], report["refused"]


def test_usual_column_names_are_recognised_and_the_rest_becomes_traits(tmp_path):
    owner = make.user()
    file = write(
        tmp_path,
        "account_id,name,start_date,renews_on,plan_tier,mrr,seats,currency,owner_email,domain,time_zone,score,trial,since,city,nothing\n"
        f"A-1,Riverside Dental,2024-01-31,2025-01-31,pro,99.50,12,eur,{owner.email.upper()},riverside.test,Europe/Berlin,7.5,yes,2024-02-01,Köln,\n"
        "A-2,,2024-02-01,,,,,,,,,3,no,,0042,\n",
    )

    assert counts(run(file)) == (2, 0, 0, 0)

    first, second = Account.objects.order_by("external_id")
    assert (first.name, first.plan, first.arr, first.seats, first.currency, first.owner) == (
        "Riverside Dental",
        "pro",
        Decimal("1194.00"),
        12,
        "EUR",
        owner,
    )
    assert (first.started_on, first.renews_on, first.domain, first.time_zone) == (
        date(2024, 1, 31),
        date(2025, 1, 31),
        "riverside.test",
        "Europe/Berlin",
    )
    assert first.traits == {"score": 7.5, "trial": True, "since": "2024-02-01", "city": "Köln"}
    assert (second.name, second.currency, second.stage, second.traits) == ("A-2", "USD", "active", {"score": 3, "trial": False, "city": "0042"})


def test_importing_again_changes_nothing_and_a_changed_cell_changes_one(tmp_path):
    text = "id,name,plan,size\na,Acme,pro,1\nb,Bolt,pro,2\n"
    run(write(tmp_path, text))
    before = list(Account.objects.order_by("id").values())
    events = Event.objects.count()

    assert counts(run(write(tmp_path, text))) == (0, 0, 2, 0)
    assert list(Account.objects.order_by("id").values()) == before
    assert Event.objects.count() == events

    assert counts(run(write(tmp_path, "id,size,new\na,1,x\nb,3,\nc,4,\n"))) == (1, 2, 0, 0)
    assert Account.objects.get(external_id="b").traits == {"size": 3}
    assert Account.objects.get(external_id="a").traits == {"size": 1, "new": "x"}
    assert Account.objects.get(external_id="a").plan == "pro"


def test_one_event_announces_a_whole_import(tmp_path):
    report = run(write(tmp_path, "id\n" + "".join(f"a{number}\n" for number in range(5_000))))
    event = Event.objects.get()
    assert (event.type, event.payload) == ("import.finished", {"run_id": report["run_id"], "kind": "accounts", "rows": 5_000})
    assert ImportRun.objects.get().slices_done == 3


def test_a_churn_column_marks_who_left_and_never_becomes_a_trait(tmp_path):
    file = write(tmp_path, "customerID,tenure,Churn\nx,5,No\ny,1,Yes\n")

    run(file, "--churned-column", "Churn", "--churned-value", "yes")

    assert list(Account.objects.order_by("external_id").values_list("external_id", "stage", "churned_on", "traits")) == [
        ("x", "active", None, {"tenure": 5}),
        ("y", "churned", None, {"tenure": 1}),
    ]


def test_numbers_say_yes_too(tmp_path):
    run(write(tmp_path, "id,churned\nx,0.0\ny,1.0\n"), "--churned-column", "churned", "--churned-value", "1")
    assert Account.objects.get(stage="churned").external_id == "y"


def test_a_churn_value_that_never_occurs_is_refused(tmp_path):
    with pytest.raises(CommandError, match='Churn never holds "1"; it holds: No, Yes. Nothing was imported.'):
        run(write(tmp_path, "id,Churn\nx,No\ny,Yes\n"), "--churned-column", "Churn", "--churned-value", "1")
    assert not Account.objects.exists()


def test_a_churn_date_means_the_account_left(tmp_path):
    run(write(tmp_path, "id,churn_date,left\nx,,\ny,2024-03-01,\n"))
    assert Account.objects.get(stage="churned").churned_on == date(2024, 3, 1)


def test_a_blank_cell_or_a_still_active_row_never_brings_an_account_back(tmp_path):
    make.account(external_id="x", stage="churned", churned_on=date(2024, 1, 1), plan="pro")
    assert counts(run(write(tmp_path, "id,plan,churn_date\nx,,\n"))) == (0, 0, 1, 0)
    account = Account.objects.get()
    assert (account.stage, account.churned_on, account.plan) == ("churned", date(2024, 1, 1), "pro")


def test_bad_rows_are_named_and_nothing_is_imported(tmp_path):
    file = write(tmp_path, "account_id,start_date\na,2024-01-01\n,2024-01-01\nb,01.02.2024\n,\nc,\n")

    with pytest.raises(CommandError) as refusal:
        run(file)

    assert str(refusal.value) == (
        "The file has 2 rows without account_id (rows 3, 5) and 1 row with a bad start_date (row 4). Nothing was imported. "
        "Mend them, or import the other 2 with --skip-bad-rows."
    )
    assert not Account.objects.exists()
    assert ImportRun.objects.get().state == "refused"
    assert list(ImportProblem.objects.order_by("row").values_list("row", "column")) == [(3, "account_id"), (4, "start_date"), (5, "account_id")]

    assert counts(run(file, "--skip-bad-rows")) == (2, 0, 0, 3)
    assert counts(run(file, "--dates", "dmy", "--skip-bad-rows"))[3] == 3


BROKEN = b"".join(
    [
        b"account_id,name,start_date,notes,name\n",  # duplicate header
        b"ok-1,Good,2024-01-01,fine,\n",
        b",No id,2024-01-01,,\n",  # row 3: missing id
        b"bad-date,B,2024-13-45,,\n",  # row 4: bad date
        b"nul,N\0ul,2024-01-01,,\n",  # row 5: NUL byte
        "latin,Müller,2024-01-01,,\n".encode("latin-1"),  # row 6: not UTF-8
        b"big,B,2024-01-01," + b"x" * 40_000_000 + b",\n",  # row 7: a 40 MB cell
        b"formula,=cmd()|A0,2024-01-01,,\n",  # row 8: a formula as name
        b"\n",  # row 9: empty
        b"short,S\n",  # row 10: too few cells
        b"ok-1,Again,2024-01-01,,\n",  # row 11: repeats row 2
        b"ok-2,+49 30 1234,2024-01-02,=1+1,\n",
        b'quote,"never closed,2024-01-01,,\n',  # row 13
        b"ok-3,Good,2024-01-03,fine,\n",
    ]
)


def broken_and_cut_off(folder: Path) -> str:
    """Ten ways to be wrong in one file, whose compressed end is missing too."""
    filler = b"".join(b"f%d,Filler,2024-01-01,%d,\n" % (number, number * 7919) for number in range(20_000))
    return write(folder, gzip.compress(BROKEN + filler)[:-4_000], "broken.csv.gz")


def test_ten_kinds_of_broken_rows_are_each_named_and_nothing_is_imported(tmp_path):
    out = tmp_path / "errors.csv"
    with pytest.raises(CommandError) as refusal:
        run(broken_and_cut_off(tmp_path), "--map", "start_date=start_date,domain=web", "--errors", str(out))

    assert not Account.objects.exists()
    found = {(problem.row, problem.column): problem.problem for problem in ImportProblem.objects.all()}
    breaks_off = found.pop((None, ""))
    assert found == {
        (None, "name"): 'The header names "name" twice (columns 2 and 5); the second one is not read.',
        (None, "web"): '--map names the column "web" for domain, but the file has: account_id, name, start_date, notes.',
        (3, "account_id"): "account_id is missing.",
        (4, "start_date"): "start_date is no date. Write it as 2026-03-01.",
        (5, "name"): "name holds a NUL byte.",
        (6, "name"): "name is not UTF-8 (read as Latin-1 it says 'Müller'). Save the file as UTF-8, or say --encoding latin-1.",
        (7, "notes"): "notes is longer than 32 kB (the row has 40,000,019 characters).",
        (8, "name"): "name looks like a formula. Write the plain text.",
        (9, ""): "The row is empty.",
        (10, ""): "The row has 2 cells and the header 5.",
        (11, "account_id"): "account_id ok-1 stands already in row 2.",
        (13, "name"): found[13, "name"],
    }
    assert found[13, "name"].startswith("The quotes do not match")
    last_row = int(breaks_off.removeprefix("The compressed file breaks off after row ").split(".")[0])
    assert 10_000 < last_row < 20_013
    assert breaks_off.split(". ")[0] in str(refusal.value)
    assert "1 row with a NUL byte in name (row 5)" in str(refusal.value)
    lines = out.read_text().splitlines()
    assert lines[0] == "row,column,problem,raw"
    assert len(lines) == 14
    assert "'=cmd()|A0" in out.read_text()


def test_ten_kinds_of_broken_rows_leave_the_good_rows_importable(tmp_path):
    report = run(broken_and_cut_off(tmp_path), "--skip-bad-rows")
    assert report["refused"] == 10
    assert report["created"] == report["rows_read"] - 10
    assert sorted(Account.objects.exclude(external_id__startswith="f").values_list("external_id", "name")) == [
        ("ok-1", "Good"),
        ("ok-2", "+49 30 1234"),
        ("ok-3", "Good"),
    ]
    assert Account.objects.get(external_id="ok-2").traits == {"notes": "=1+1"}


@pytest.mark.parametrize(
    ("content", "words", "message"),
    [
        (b"", [], "is empty"),
        (b"\n\n", [], "is empty"),
        (b"id\n", [], "The file has a header and no rows. Nothing was imported."),
        (b"name,plan\nx,y\n", [], "No column of accounts.csv looks like the account's id. It has: name, plan."),
        (b"id\nx\n", ["--map", "nonsense"], "is not our_field=their_column"),
        (b"id\nx\n", ["--map", "colour=id"], "'colour', which does not exist. The fields are: id, name"),
        (b"id\nx\n", ["--map", "id=id,id=id"], "our field 'id' twice"),
        (b"id\nx\n", ["--churned-column", "left", "--churned-value", "1"], '--churned-column names "left", but the file has: id.'),
        (b"id\nx\n", ["--churned-column", "id"], "--churned-column needs --churned-value"),
        (b"id\nx\n", ["--encoding", "klingon"], "There is no encoding 'klingon'"),
        (b"PK\x03\x04 sheet", [], "is a spreadsheet or zip file"),
        ("id\nx\n".encode("utf-16"), [], "is UTF-16"),
        (b"i\xe4d,x\nx,y\n", [], "is not UTF-8 text"),
        (b"i\0d\nx\n", [], "is not a text file"),
        (b'"id\nx\n', [], "The header of accounts.csv cannot be read"),
        (gzip.compress(b"id\nx\n", mtime=0)[:8], [], "breaks off before its first row"),
        (",".join(f"c{n}" for n in range(201)).encode() + b"\n", [], "has 201 columns; 200 are the most"),
        (b"id,mrr\nx,-5\n", [], "1 row with a bad mrr (row 2)"),
        (b"id,mrr\nx,12 EUR\n", [], "1 row with a bad mrr (row 2)"),
        (b"id,seats\nx,1.5\n", [], "1 row with a bad seats (row 2)"),
        (b"id,currency\nx,Euro\n", [], "1 row with a bad currency (row 2)"),
        (b"id,time_zone\nx,Mars\n", [], "1 row with a bad time_zone (row 2)"),
        (b"id,owner_email\nx,nobody@x.test\n", [], "1 row with a bad owner_email (row 2)"),
        (b"id,churn_date\nx,2150-01-01\n", [], "1 row with a bad churn_date (row 2)"),
        (b"id,start_date\nx,9999-01-01\n", [], "1 row with a bad start_date (row 2)"),
        (b"id\n" + b"x" * 121 + b"\n", [], "1 row with a bad id (row 2)"),
    ],
)
def test_what_cannot_be_imported_says_why_and_changes_nothing(tmp_path, content, words, message):
    with pytest.raises(CommandError) as refusal:
        run(write(tmp_path, content), *words)
    assert message in str(refusal.value)
    assert not Account.objects.exists()


def test_a_file_that_is_not_there_is_one_plain_line():
    with pytest.raises(CommandError, match="missing.csv cannot be opened: No such file or directory."):
        run("missing.csv")


def test_problems_of_one_cell_are_listed_with_the_cell(tmp_path):
    with pytest.raises(CommandError):
        run(write(tmp_path, "id,seats\nx,many\n"))
    problem = ImportProblem.objects.get()
    assert (problem.row, problem.column, problem.problem, problem.raw) == (
        2,
        "seats",
        "seats is no number. Write it as 1234.5, without separators or units.",
        "many",
    )


def test_other_writings_of_a_table_are_read(tmp_path):
    run(write(tmp_path, "\ufeffid;name;start_date\r\nx;Größe;01.02.2024\r\n".encode("utf-8")), "--dates", "dmy")
    run(write(tmp_path, "id\tname\ny\tMüller\n".encode("latin-1"), "other.csv"), "--encoding", "latin-1")
    run(write(tmp_path, gzip.compress(b'id,name\nz,"Two\nlines, ""quoted"""\n\n\n'), "third.gz"))
    assert list(Account.objects.order_by("external_id").values_list("name", "started_on")) == [
        ("Größe", date(2024, 2, 1)),
        ("Müller", None),
        ('Two\nlines, "quoted"', None),
    ]


def test_a_table_without_ids_takes_them_from_its_rows(tmp_path):
    run(write(tmp_path, "size\n10\n20\n"), "--id-from-row")
    assert list(Account.objects.order_by("id").values_list("external_id", "name", "traits")) == [
        ("row-2", "row-2", {"size": 10}),
        ("row-3", "row-3", {"size": 20}),
    ]


def test_ids_made_of_the_whole_row_do_not_mind_the_order_of_rows_nor_who_left_since(tmp_path):
    made = ("--id-from", "*", "--churned-column", "left", "--churned-value", "1.0")
    run(write(tmp_path, f"size,note,left\n10,{'x' * 120},0\n20,small,1\n"), *made)
    assert sorted(Account.objects.values_list("external_id", "stage")) == [
        ("20/small", "churned"),
        ("id-" + hashlib.sha256(b"10/" + b"x" * 120).hexdigest()[:32], "active"),
    ]
    assert counts(run(write(tmp_path, f"size,note,left\n20,small,1.0\n10,{'x' * 120},0\n"), *made)) == (0, 0, 2, 0)
    with pytest.raises(CommandError, match=r"1 row with a repeated id \(row 3\)"):
        run(write(tmp_path, "size,note,left\n20,small,1\n20,small,0\n"), *made)


def test_a_dry_run_counts_exactly_and_changes_nothing(tmp_path):
    run(write(tmp_path, "id,plan\na,pro\nb,pro\n"))
    before = list(Account.objects.order_by("id").values())

    report = run(write(tmp_path, "id,plan\na,pro\nb,free\nc,free\n"), "--dry-run")

    assert (counts(report), report["run_id"]) == ((1, 1, 1, 0), None)
    assert "1 would be created, 1 would be changed" in report["message"]
    assert list(Account.objects.order_by("id").values()) == before
    assert ImportRun.objects.count() == 1


def test_an_interrupted_import_goes_on_where_it_stopped(tmp_path, monkeypatch):
    from apps.accounts.imports import kinds as module

    file = write(tmp_path, "id\n" + "".join(f"a{number}\n" for number in range(5_000)))
    real, calls = module.bring_accounts, []

    def interrupted(rows, **said):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(len(rows))
        return real(rows, **said)

    monkeypatch.setattr(module, "bring_accounts", interrupted)
    with pytest.raises(CommandError, match="Interrupted. Start the same command again"):
        run(file)
    stopped = ImportRun.objects.get()
    assert (stopped.state, stopped.slices_done, stopped.rows_created, Account.objects.count()) == ("interrupted", 2, 4_000, 4_000)

    monkeypatch.setattr(module, "bring_accounts", real)
    report = run(file)

    assert (report["run_id"], report["resumed"], counts(report)) == (stopped.pk, True, (5_000, 0, 0, 0))
    assert ImportRun.objects.get().state == "done"


def test_words_are_printed_without_json(tmp_path):
    out = io.StringIO()
    call_command("import_accounts", write(tmp_path, "id\na\n\nb\n"), "--skip-bad-rows", stdout=out)
    assert out.getvalue().startswith(
        "accounts.csv: 3 rows read, 2 created, 0 changed, 0 the same. The file has 1 row without content (row 3). They were left out. "
    )
