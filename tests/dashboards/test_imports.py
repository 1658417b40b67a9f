"""The pages of imports and exports, from the upload to the way back."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from apps.accounts import services as accounts
from apps.accounts.imports import desk, undo
from apps.accounts.models import Account, ActivityEvent, DailyRollup, ImportMapping, ImportRun, Ticket
from apps.accounts.types import ActivityItem, Role
from apps.core import clock
from apps.core.actor import Actor
from apps.events import services as events
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
    assert "<del>Old name</del>" in page
    assert "<ins>Acme</ins>" in page
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


def bring(client, text: str, kind: str = "accounts", **more) -> ImportRun:
    run = upload(client, text.encode(), kind=kind)
    desk.check(run, options=more, skip_bad_rows=False, now=clock.now())
    desk.rehearse(run.pk, now=clock.now())
    run.refresh_from_db()
    assert run.told["state"] == "done", run.told
    desk.start(run)
    desk.carry(run.pk, now=clock.now())
    run.refresh_from_db()
    assert run.state == "done"
    return run


def taken_back(client, run: ImportRun) -> ImportRun:
    assert client.post(f"/imports/{run.pk}/undo/").status_code == 302
    undo.take_back(run.pk, now=clock.now())
    run.refresh_from_db()
    return run


def stored() -> list[dict]:
    return [{name: value for name, value in row.items() if name != "version"} for row in Account.objects.order_by("id").values()]


def test_taking_an_import_back_restores_exactly_what_was_there(client, admin):
    make.account(external_id="a", name="Acme", plan="free", arr=100, seats=None, traits={"size": 1, "gone": None})
    make.account(external_id="b", name="Bolt", stage="active")
    bring(client, "id,tags_of,arr\na,x,200\n")
    before = stored()

    run = bring(client, "id,name,plan,arr,seats,churn_date,size,new\na,Acme Inc,pro,1200,5,,2,yes\nb,,,,,2024-01-31,,no\nc,Cave,pro,10,1,,3,yes\n")
    assert (run.rows_created, run.rows_changed, Account.objects.get(external_id="c").movements.count()) == (1, 2, 1)

    taken = taken_back(client, run)
    assert stored() == before
    assert taken.told["kept"] == []
    assert "1 rows removed. All is as it was before." in client.get(f"/imports/{run.pk}/").content.decode()
    for account in Account.objects.all():
        assert sum(one.amount for one in account.movements.all()) == account.arr
    assert events.tampered() == {"changes": [], "seals": []}


def test_what_was_changed_again_since_stays_and_is_listed(client, admin):
    account = make.account(external_id="a", name="Acme", plan="free")
    run = bring(client, "id,name,plan\na,Acme Inc,pro\nb,New,pro\nc,Newer,pro\n")
    account.refresh_from_db()
    accounts.edit(account, changes={"plan": "enterprise"}, actor=Actor.user(admin), now=clock.now())
    lived = Account.objects.get(external_id="b")
    make.contact(lived)

    taken = taken_back(client, run)
    account.refresh_from_db()
    assert (account.name, account.plan) == ("Acme", "enterprise")
    assert set(Account.objects.values_list("external_id", flat=True)) == {"a", "b"}
    assert taken.told["kept"] == [f"account {account.pk}: plan", f"account {lived.pk}: something has happened to it since"]


def test_records_are_taken_back_too(client, admin):
    make.account(external_id="a")
    bring(client, "id,account,opened_at,subject\n1,a,2024-01-01,Old\n", kind="tickets")
    run = bring(client, "id,account,opened_at,subject\n1,a,2024-01-01,New\n2,a,2024-01-01,Second\n", kind="tickets")
    taken_back(client, run)
    assert list(Ticket.objects.values_list("external_id", "subject")) == [("1", "Old")]


def test_activity_goes_with_its_daily_figures_and_can_come_again(client, admin, now):
    make.activity(make.account(external_id="a"), now)
    before = list(DailyRollup.objects.order_by("id").values())
    day = now.date().isoformat()
    text = f"account_id,timestamp,event_type,value\na,{day},login,0.1\na,{day},login,0.2\na,2024-02-01,export,3\n"
    run = bring(client, text, kind="activity")
    assert DailyRollup.objects.get(day=now.date()).count == 3
    taken = taken_back(client, run)
    assert (taken.told["activity"], ActivityEvent.objects.count()) == (3, 1)
    assert list(DailyRollup.objects.order_by("id").values()) == before
    assert bring(client, text, kind="activity").rows_created == 3


def test_exported_activity_comes_back_without_counting_twice(client, admin, now):
    account = make.account(external_id="a")
    accounts.record_activity(
        [ActivityItem(f"m{n}", "=login", now, account="a", value=1.5, properties={"page": "=start", "n": n}) for n in range(3)], source="web", now=now
    )
    content = b"".join(client.get("/exports/activity.csv").streaming_content).decode("utf-8-sig")
    assert content.splitlines()[0] == '"account_id","timestamp","event_type","value","contact_id","source","message_id","n","page"'
    run = upload(client, content.encode(), kind="activity")
    desk.check(run, options={}, skip_bad_rows=False, now=clock.now())
    desk.rehearse(run.pk, now=clock.now())
    run.refresh_from_db()
    assert (run.told["created"], run.told["same"]) == (0, 3)

    account.activity.all().delete()
    DailyRollup.objects.all().delete()
    desk.start(run)
    desk.carry(run.pk, now=clock.now())
    assert list(ActivityEvent.objects.order_by("message_id").values_list("source", "message_id", "name", "value", "properties")) == [
        ("web", f"m{n}", "=login", 1.5, {"page": "=start", "n": n}) for n in range(3)
    ]


def test_the_portfolio_takes_out_what_it_shows(client):
    user = make.user(Role.CSM)
    make.account(owner=user, name="Acme Dental")
    make.account(owner=user, name="Bolt")
    make.account(name="Acme of somebody else")
    client.force_login(user)
    said = b"".join(client.get("/exports/accounts.csv?q=acme&stage=").streaming_content).decode()
    assert ("Acme Dental" in said, "Bolt" in said, "somebody else" in said) == (True, False, False)
    people = b"".join(client.get("/exports/contacts.xlsx?q=acme").streaming_content)
    assert people[:2] == b"PK"
