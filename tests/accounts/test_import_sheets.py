"""Workbooks go through the same door as CSV, and a hostile one is refused with a sentence."""

import io
import json
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from openpyxl import Workbook

from apps.accounts.models import Account, ActivityEvent, DailyRollup
from tests import make

pytestmark = pytest.mark.django_db


def book(folder: Path, *sheets: tuple[str, list[list]], name: str = "book.xlsx") -> Path:
    made = Workbook()
    made.remove(made.active)
    for title, rows in sheets:
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made.save(folder / name)
    return folder / name


def run(command: str, *words: object) -> dict:
    out = io.StringIO()
    call_command(command, *map(str, words), "--json", stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def rewritten(path: Path, part: str, old: str, new: str) -> Path:
    """The same workbook with other XML in one part, as another program might have written it."""
    with zipfile.ZipFile(path) as archive:
        parts = {one.filename: archive.read(one) for one in archive.infolist()}
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode(), 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


ROWS = [
    ["account_id", "name", "start_date", "arr", "seats", "score", "trial", "since", "code"],
    ["A-1", "Riverside Dental", datetime(2024, 1, 31), 1194.5, 12, 7.5, True, date(2024, 2, 1), "0042"],
    [2, "+49 Shop", datetime(2024, 2, 1), None, None, 3, False, None, "x"],
]


def test_typed_cells_become_what_the_same_csv_would_be(tmp_path):
    report = run("import_accounts", book(tmp_path, ("Customers", ROWS)))
    assert (report["created"], report["refused"], report["rows_read"]) == (2, 0, 2)

    first, second = Account.objects.order_by("-external_id")
    assert (first.external_id, first.started_on, first.arr, first.seats) == ("A-1", date(2024, 1, 31), Decimal("1194.50"), 12)
    assert first.traits == {"score": 7.5, "trial": True, "since": "2024-02-01", "code": "0042"}
    assert (second.external_id, second.name, second.traits) == ("2", "+49 Shop", {"score": 3, "trial": False, "code": "x"})

    text = "account_id,name,start_date,arr,seats,score,trial,since,code\n"
    text += "A-1,Riverside Dental,2024-01-31,1194.5,12,7.5,true,2024-02-01,0042\n2,+49 Shop,2024-02-01,,,3,false,,x\n"
    (tmp_path / "same.csv").write_text(text)
    assert (run("import_accounts", tmp_path / "same.csv")["same"], run("import_accounts", book(tmp_path, ("S", ROWS)), "--dates", "dmy")["same"]) == (
        2,
        2,
    )


def test_the_sheet_is_the_only_one_that_holds_anything_or_the_one_asked_for(tmp_path):
    run("import_accounts", book(tmp_path, ("Notes", []), ("Data", [["id"], ["a"]])))
    two = book(tmp_path, ("North", [["id"], ["n"]]), ("South", [["id"], ["s"]]), name="two.xlsx")
    with pytest.raises(CommandError, match="two.xlsx has 2 sheets: North, South. Say which one with --sheet NAME."):
        run("import_accounts", two)
    with pytest.raises(CommandError, match="has no sheet 'East'. It has: North, South."):
        run("import_accounts", two, "--sheet", "East")
    run("import_accounts", two, "--sheet", "South")
    assert set(Account.objects.values_list("external_id", flat=True)) == {"a", "s"}


def test_rows_are_named_as_the_spreadsheet_shows_them(tmp_path):
    file = book(
        tmp_path, ("S", [["id", "arr"], ["a", 1], [None, None], ["b", "#DIV/0!"], ["c", 1, "over"], ["d", "x\0y".replace("\0", "")], [None], [None]])
    )
    with pytest.raises(CommandError) as refusal:
        run("import_accounts", file)
    said = str(refusal.value)
    assert "1 row without content (row 3)" in said
    assert "1 row with a spreadsheet error in arr (row 4)" in said
    assert "1 row with more cells than the header (row 5)" in said
    assert "1 row with a bad arr (row 6)" in said
    assert not Account.objects.exists()


def test_a_formula_counts_as_the_value_it_had_and_without_one_the_file_is_refused(tmp_path):
    file = book(tmp_path, ("S", [["id", "arr"], ["a", "=600*2"]]))
    with pytest.raises(CommandError, match="holds formulas without their results. Open it in a spreadsheet program, save it, and import it again."):
        run("import_accounts", file)
    saved = rewritten(file, "xl/worksheets/sheet1.xml", "</f><v />", "</f><v>1200</v>")
    run("import_accounts", saved)
    assert Account.objects.get().arr == 1200


def test_activity_comes_from_a_workbook_too(tmp_path):
    make.account(external_id="a")
    rows = [
        ["account_id", "timestamp", "event_type", "value"],
        ["a", datetime(2024, 1, 1, 10, 30), "login", 2],
        ["a", date(2024, 1, 2), "login", None],
    ]
    assert run("import_activity", book(tmp_path, ("S", rows)))["created"] == 2
    assert [at.isoformat() for at in ActivityEvent.objects.order_by("at").values_list("at", flat=True)] == [
        "2024-01-01T10:30:00+00:00",
        "2024-01-02T00:00:00+00:00",
    ]
    assert sum(DailyRollup.objects.values_list("value", flat=True)) == 3


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
SECRET = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("doctype", [LAUGHS, SECRET])
def test_a_workbook_that_defines_entities_is_refused(tmp_path, doctype):
    file = rewritten(book(tmp_path, ("S", [["id"], ["a"]])), "xl/worksheets/sheet1.xml", "<worksheet", f"{doctype}<worksheet")
    with pytest.raises(CommandError, match="cannot be read .EntitiesForbidden."):
        run("import_accounts", file)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    file = book(tmp_path, ("S", [["id"], ["a"]]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", b"\0" * 40 * 1024**2)
    with pytest.raises(CommandError, match=r"unpacks to 40 MB in \d+ parts \([\d,]+ times its size\); that is too much."):
        run("import_accounts", file)


def test_rows_beyond_what_a_spreadsheet_holds_are_refused(tmp_path):
    file = rewritten(book(tmp_path, ("S", [["id"], ["a"], ["b"]])), "xl/worksheets/sheet1.xml", '<row r="3">', '<row r="999999999">')
    with pytest.raises(CommandError, match="has more than 1,048,576 rows"):
        run("import_accounts", file)


def test_what_is_no_workbook_says_so(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    with pytest.raises(CommandError, match="but no .xlsx workbook"):
        run("import_accounts", tmp_path / "a.xlsx")
    (tmp_path / "b.csv").write_text("id\na\n")
    with pytest.raises(CommandError, match="b.csv is no workbook, so it has no sheet 'S'."):
        run("import_accounts", tmp_path / "b.csv", "--sheet", "S")
    whole = book(tmp_path, ("S", [["id"], ["a"]])).read_bytes()
    (tmp_path / "half.xlsx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CommandError, match="half.xlsx is a spreadsheet or zip file that cannot be read"):
        run("import_accounts", tmp_path / "half.xlsx")
