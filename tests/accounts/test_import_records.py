import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.formulas import guard, unguard
from apps.accounts.models import Contact, Invoice, Subscription, SurveyResponse, Ticket
from tests import make


def run(folder: Path, kind: str, text: str, *words: str) -> dict:
    (folder / f"{kind}.csv").write_text(text)
    out = io.StringIO()
    call_command("import_records", kind, str(folder / f"{kind}.csv"), *words, "--json", stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def counts(report: dict) -> tuple[int, int, int, int]:
    return report["created"], report["changed"], report["same"], report["refused"]


@pytest.fixture
def acme(db):
    return make.account(external_id="acme", currency="EUR")


def test_contacts_bring_their_role_and_their_traits(tmp_path, acme):
    text = "user_id,account,full_name,email,role,influence,departed_on,seat\nu1,acme,Ada Reed,Ada@acme.test,Champion,5,,12\nu2,acme,,,,,2024-01-31,\n"
    assert counts(run(tmp_path, "contacts", text)) == (2, 0, 0, 0)
    ada = Contact.objects.get(external_id="u1")
    assert (ada.account, ada.name, ada.email, ada.role, ada.influence, ada.traits) == (acme, "Ada Reed", "Ada@acme.test", "champion", 5, {"seat": 12})
    assert Contact.objects.get(external_id="u2").departed_on == date(2024, 1, 31)
    assert counts(run(tmp_path, "contacts", text)) == (0, 0, 2, 0)
    assert counts(run(tmp_path, "contacts", "id,account,title,seat2\nu1,acme,CTO,x\n")) == (0, 1, 0, 0)
    ada.refresh_from_db()
    assert (ada.title, ada.name, ada.traits) == ("CTO", "Ada Reed", {"seat": 12, "seat2": "x"})


def test_subscriptions_end_when_their_last_day_has_passed(tmp_path, acme):
    text = "account_id,product,start_date,end_date,mrr\nacme,basic,2020-01-11,2020-02-11,10\nacme,pro,2020-02-11,,25\n"
    with pytest.raises(CommandError, match="looks like the subscription's id.* or make one with --id-from COLUMN,COLUMN"):
        run(tmp_path, "subscriptions", text)
    run(tmp_path, "subscriptions", text, "--id-from", "account_id,product,start_date")
    assert list(Subscription.objects.order_by("id").values_list("external_id", "state", "plan", "arr", "currency", "ended_on")) == [
        ("acme/basic/2020-01-11", "ended", "basic", Decimal(120), "EUR", date(2020, 2, 11)),
        ("acme/pro/2020-02-11", "active", "pro", Decimal(300), "EUR", None),
    ]


def test_tickets_speak_the_words_of_other_systems_and_name_their_person_by_id_or_address(tmp_path, acme):
    sam, kim = make.contact(acme, external_id="u1"), make.contact(acme, email="Kim@acme.test")
    text = "ticket_id,account_id,submitted_at,closed_at,priority,requester_email\n"
    text += "1,acme,2024-01-01,2024-01-02 03:00,High,u1\n2,acme,2024-01-01,,,kim@ACME.test\n"
    assert counts(run(tmp_path, "tickets", text)) == (2, 0, 0, 0)
    assert list(Ticket.objects.order_by("external_id").values_list("contact", "priority", "state", "solved_at", "source")) == [
        (sam.pk, "p2", "solved", datetime(2024, 1, 2, 3, tzinfo=UTC), "import"),
        (kim.pk, "p3", "open", None, "import"),
    ]
    assert counts(run(tmp_path, "tickets", text)) == (0, 0, 2, 0)


def test_a_file_of_one_survey_says_its_kind_once(tmp_path, acme):
    text = "id,account,score,date,comment\n1,acme,9,2024-01-01,Fine\n2,acme,11,2024-01-01,\n3,acme,1.5,2024-01-01,\n"
    with pytest.raises(CommandError, match=r"2 rows with a bad score \(rows 3, 4\)"):
        run(tmp_path, "surveys", text, "--set", "kind=nps")
    assert counts(run(tmp_path, "surveys", text, "--set", "kind=nps", "--skip-bad-rows")) == (1, 0, 0, 2)
    assert SurveyResponse.objects.get().comment == "Fine"
    with pytest.raises(CommandError, match="--set kind=nope: kind is none of: nps, csat, ces."):
        run(tmp_path, "surveys", text, "--set", "kind=nope")


def test_invoices_are_paid_when_a_day_says_so(tmp_path, acme):
    text = "invoice_id,account,amount,issued_on,due_on,paid_on,status\n"
    text += "1,acme,99.5,2024-01-01,2024-01-31,2024-01-30,\n2,acme,10,2024-01-01,2024-01-31,,Payment failed\n"
    run(tmp_path, "invoices", text)
    assert list(Invoice.objects.order_by("external_id").values_list("amount", "state", "currency")) == [
        (Decimal("99.50"), "paid", "EUR"),
        (Decimal("10.00"), "failed", "EUR"),
    ]


@pytest.mark.parametrize(
    ("kind", "row", "words"),
    [
        ("tickets", "id,account,opened_at,contact\n1,nobody,2024-01-01,\n", "1 row of unknown accounts (row 2)"),
        ("tickets", "id,account,opened_at,contact\n1,acme,2024-01-01,ghost\n", "1 row of unknown people (row 2)"),
        ("tickets", "id,account,opened_at,solved_at\n1,acme,2024-01-02,2024-01-01\n", "1 row with a bad solved_at (row 2)"),
        ("tickets", "id,account,opened_at,state\n1,acme,2024-01-02,closed\n", "1 row with a bad state (row 2)"),
        ("tickets", "id,account\n1,acme\n", "tickets.csv has no column for opened_at. It has: id, account. Say --map opened_at=COLUMN."),
        ("subscriptions", "id,account,start_date,ended_on\n1,acme,2024-01-02,2024-01-01\n", "1 row with a bad ended_on (row 2)"),
        ("invoices", "id,account,amount,issued_on,due_on,state\n1,acme,1,2024-01-01,2024-01-01,paid\n", "1 row with a bad state (row 2)"),
        ("contacts", "id,account,email\n1,acme,nope\n", "1 row with a bad email (row 2)"),
        ("contacts", "id,account\n1,\n", "1 row without account (row 2)"),
    ],
)
def test_a_row_that_cannot_be_true_is_named_and_nothing_is_imported(tmp_path, acme, kind, row, words):
    with pytest.raises(CommandError) as refusal:
        run(tmp_path, kind, row)
    assert words in str(refusal.value)
    assert not any(model.objects.exists() for model in (Ticket, Subscription, Invoice, Contact))


def test_a_dry_run_of_records_changes_nothing(tmp_path, acme):
    report = run(tmp_path, "tickets", "id,account,opened_at\n1,acme,2024-01-01\n", "--dry-run")
    assert (counts(report), Ticket.objects.exists()) == ((1, 0, 0, 0), False)


@given(st.text(alphabet="'=+-@\t\r\n \uff1dax1"))
def test_a_guarded_text_comes_back_exactly_and_starts_no_formula(text):
    assert unguard(guard(text)) == text
    for line in guard(text).replace("\r", "\n").split("\n"):
        assert line.lstrip(" ")[:1] not in {*"=+-@\t", "\uff1d"}


def test_exports_are_written_by_command_and_read_back_unchanged(tmp_path, acme):
    make.contact(acme, external_id="u1", traits={"seat": 4})
    make.contact(acme, external_id="u2", name="=1+1")
    for form in ("csv", "csv.gz", "xlsx"):
        file = tmp_path / f"people.{form}"
        call_command("export_records", "contacts", "--out", str(file), stdout=(out := io.StringIO()))
        assert out.getvalue() == f"{file}: 2 contacts.\n"
        call_command("import_records", "contacts", str(file), "--json", stdout=(out := io.StringIO()))
        assert counts(json.loads(out.getvalue())) == (0, 0, 2, 0), form
    call_command("export_accounts", "--out", str(tmp_path / "a.csv"), stdout=io.StringIO())
    assert (tmp_path / "a.csv").read_text("utf-8-sig").startswith('"account_id","name","start_date",')
    with pytest.raises(CommandError, match="cannot be written: No such file or directory."):
        call_command("export_accounts", "--out", str(tmp_path / "missing" / "a.csv"))


def test_the_guide_to_files_says_what_the_imports_know():
    from cs_platform.management.commands.document_csv import as_markdown

    assert (Path(__file__).resolve().parents[2] / "docs" / "csv.md").read_text() == as_markdown(), "make manage ARGS=document_csv"
