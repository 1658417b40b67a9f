"""The pages of imports and exports, from the upload to the way back."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from apps.accounts.imports import desk
from apps.accounts.models import Account, ImportMapping, ImportRun
from apps.accounts.types import Role
from apps.core import clock
from tests import make

pytestmark = pytest.mark.django_db
FILE = b"customer,name,plan,score\na,Acme,pro,1\nb,Bolt,pro,2\n"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def admin(client):
    user = make.user(Role.ADMINISTRATOR)
    client.force_login(user)
    return user


def upload(client, content: bytes = FILE, kind: str = "accounts", name: str = "customers.csv") -> ImportRun:
    answer = client.post("/imports/upload/", {"kind": kind, "file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302
    return ImportRun.objects.latest("id")


def form(**more: str) -> dict:
    return {"column": ["customer", "name", "plan", "score"], "read_as": ["id", "name", "", "trait"], "dates": "ymd", "encoding": "utf-8", **more}


def test_a_file_is_looked_at_checked_with_a_diff_and_imported(client, admin, tmp_path):
    make.account(external_id="a", name="Old name", plan="pro", traits={"score": 1})
    run = upload(client)
    page = client.get(f"/imports/{run.pk}/").content.decode()
    assert all(word in page for word in ("customers.csv", "customer", "Acme", "Check it"))
    assert not ImportRun.objects.filter(state="checked").exists()

    client.post(f"/imports/{run.pk}/check/", form())
    assert 'hx-trigger="every 1s"' in client.get(f"/imports/{run.pk}/").content.decode()
    desk.rehearse(run.pk, now=clock.now())
    page = client.get(f"/imports/{run.pk}/").content.decode()
    assert "Import 2 rows" in page
    assert Account.objects.count() == 1

    client.post(f"/imports/{run.pk}/start/")
    desk.carry(run.pk, now=clock.now())
    run.refresh_from_db()
    assert (run.state, run.rows_created, run.rows_changed, run.upload) == ("done", 1, 1, "")
    assert Account.objects.get(external_id="b").traits == {"score": 2}
    assert Account.objects.get(external_id="b").plan == ""
    assert list((tmp_path / "imports").rglob("*.csv")) == []


def test_the_next_file_with_the_same_header_is_read_the_same_way(client, admin):
    first = upload(client)
    client.post(f"/imports/{first.pk}/check/", form())
    desk.rehearse(first.pk, now=clock.now())
    client.post(f"/imports/{first.pk}/start/")
    desk.carry(first.pk, now=clock.now())
    assert ImportMapping.objects.get().kind == "accounts"

    second = upload(client, b"score,plan,customer,name\n3,pro,c,Cave\n")
    layout = desk.layout(second)
    assert layout.remembered
    assert {column.name: column.read_as for column in layout.columns} == {"score": "trait", "plan": "", "customer": "id", "name": "name"}


def test_bad_rows_are_shown_and_downloaded_without_formulas(client, admin):
    run = upload(client, b"id,name\n,x\na,=1+1\n")
    client.post(f"/imports/{run.pk}/check/", {"column": ["id", "name"], "read_as": ["id", "name"]})
    desk.rehearse(run.pk, now=clock.now())
    page = client.get(f"/imports/{run.pk}/").content.decode()
    assert "name looks like a formula." in page
    assert "Import" not in page.split('id="run"')[1].split("<h3>")[0]
    answer = client.get(f"/imports/{run.pk}/problems.csv")
    assert answer["Content-Disposition"] == f'attachment; filename="problems-{run.pk}.csv"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert rows[0] == ["row", "column", "problem", "raw"]
    assert rows[2][3] == "'=1+1"


def test_a_run_is_stopped_and_goes_on(client, admin, monkeypatch):
    from apps.accounts.imports import runs

    run = upload(client, b"id\n" + b"".join(b"a%d\n" % number for number in range(5_000)))
    client.post(f"/imports/{run.pk}/check/", {"column": ["id"], "read_as": ["id"]})
    desk.rehearse(run.pk, now=clock.now())
    client.post(f"/imports/{run.pk}/start/")
    monkeypatch.setattr(desk, "_PAUSE", 0)
    real = runs.Run.add_slice

    def press_stop(self, number, work):
        real(self, number, work)
        client.post(f"/imports/{run.pk}/stop/")

    monkeypatch.setattr(runs.Run, "add_slice", press_stop)
    desk.carry(run.pk, now=clock.now())
    run.refresh_from_db()
    assert (run.state, run.slices_done, Account.objects.count()) == ("interrupted", 1, 2_000)

    monkeypatch.setattr(runs.Run, "add_slice", real)
    assert "Go on where it stopped" in client.get(f"/imports/{run.pk}/").content.decode()
    client.post(f"/imports/{run.pk}/start/")
    assert desk.sweep(now=clock.now()) == 1
    run.refresh_from_db()
    assert (run.state, run.rows_created, Account.objects.count()) == ("done", 5_000, 5_000)


def test_what_is_no_table_says_so_and_can_be_thrown_away(client, admin, tmp_path):
    run = upload(client, b"")
    assert "is empty" in client.get(f"/imports/{run.pk}/").content.decode()
    client.post(f"/imports/{run.pk}/discard/")
    assert not ImportRun.objects.exists()
    assert not any((tmp_path / "imports").rglob("*.csv"))


@pytest.mark.parametrize("role", [Role.CSM, Role.TEAM_LEAD, Role.VIEWER])
def test_only_administrators_import_and_everybody_exports_their_own_book(client, role):
    user = make.user(role)
    mine, theirs = make.account(owner=user, name="Mine"), make.account(name="Theirs")
    client.force_login(user)
    assert client.post("/imports/upload/", {"kind": "accounts", "file": SimpleUploadedFile("a.csv", FILE)}).status_code == 403
    run = ImportRun.objects.create(kind="accounts", file_name="a.csv", sha256="0", actor="user:1", started_at=clock.now())
    for path in (f"/imports/{run.pk}/", f"/imports/{run.pk}/problems.csv"):
        assert client.get(path).status_code == 403
    assert "Bring a file in" not in client.get("/imports/").content.decode()
    said = b"".join(client.get("/exports/accounts.csv").streaming_content).decode()
    assert ("Mine" in said, "Theirs" in said) == (True, role == Role.VIEWER)
    assert (mine.external_id in said, theirs.external_id in said) == (True, role == Role.VIEWER)


HOSTILE = ["=1+1", "+49 30", "-5", "@cmd", "\tx", "\rx", "\uff1dA1", "a\n=1", "'=kept", "plain"]


def test_exports_start_no_formula_and_come_back_unchanged(client, admin, tmp_path):
    for number, text in enumerate(HOSTILE):
        make.account(
            external_id=f"{text}{number}", name=text, domain=text, traits={"note": text, "n": -5, "plan": text, "yes": True}, owner=admin, arr=12.5
        )
        make.contact(Account.objects.latest("id"), name=text, title=text, traits={"seat": text})
    before = list(Account.objects.order_by("id").values())

    answer = client.get("/exports/accounts.csv")
    assert answer["Content-Disposition"].startswith('attachment; filename="accounts-')
    content = b"".join(answer.streaming_content)
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0]["n"] == "-5"
    assert rows[0]["trait.plan"] == "'=1+1"
    for row in rows:
        for column in ("account_id", "name", "note"):
            assert all(line.lstrip(" ")[:1] not in {*"=+-@\t", "\uff1d"} for line in row[column].replace("\r", "\n").split("\n")), row[column]

    for name, data in (
        ("back.csv", content),
        ("back.xlsx", b"".join(client.get("/exports/accounts.xlsx").streaming_content)),
    ):
        run = upload(client, data, name=name)
        desk.check(run, options={}, skip_bad_rows=False, now=clock.now())
        desk.rehearse(run.pk, now=clock.now())
        run.refresh_from_db()
        assert (run.told["created"], run.told["changed"], run.told["same"]) == (0, 0, len(HOSTILE)), (name, run.told["differences"])
    assert list(Account.objects.order_by("id").values()) == before


def test_a_workbook_holds_numbers_as_numbers_and_text_as_text(client, admin):
    make.account(name="=1+1", arr=1200, traits={"n": -5})
    book = load_workbook(io.BytesIO(b"".join(client.get("/exports/accounts.xlsx").streaming_content)))
    header, row = list(book["Accounts"].iter_rows())
    cells = {title.value: cell for title, cell in zip(header, row, strict=True)}
    assert (cells["name"].value, cells["name"].data_type) == ("'=1+1", "s")
    assert (cells["arr"].value, cells["n"].value) == (1200, -5)
