"""A person is erased: no word of theirs is left in the database, the logs, Valkey, the mailbox or the uploads; every count is as before."""

import io
import json
import logging
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, models

from apps.accounts.imports import uploads
from apps.accounts.models import Account, Contact, ImportProblem, ImportRun, Note, Promise, SurveyResponse, Ticket
from apps.accounts.roles import create_groups
from apps.accounts.services import record_activity
from apps.accounts.types import ActivityItem, Role
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import TaskOpened
from apps.integrations.models import Rejection, Source
from apps.interventions.models import StepRecord
from apps.messaging import selectors
from apps.messaging.models import Consent, Message, MessageAttempt, Suppression
from apps.messaging.types import MessageState
from cs_platform.privacy import erase, paths
from cs_platform.privacy.policies import policy_of
from tests import make

pytestmark = pytest.mark.django_db
CANARY = "canary7f3a91"
EMAIL = f"{CANARY}@customer.test"
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def person() -> Contact:
    """Somebody of whom every table knows something, with a canary in every text and JSON column that leads to them or names them."""
    owner = make.user()
    account = make.account(owner=owner)
    one = make.contact(account, name=f"{CANARY} Reed", email=EMAIL, external_id=f"u-{CANARY}", phone=f"+49 {CANARY}")
    make.contact(account, reports_to=one)
    make.story(account, now=NOW)
    record_activity([ActivityItem(f"m{n}", "login", NOW, contact=one.external_id, properties={"who": EMAIL}) for n in range(3)], source="s", now=NOW)
    Ticket.objects.create(account=account, contact=one, source="s", external_id="t1", opened_at=NOW)
    SurveyResponse.objects.create(account=account, contact=one, source="s", external_id="s1", kind="nps", score=9, at=NOW)
    note = Note.objects.create(account=account, body="x", at=NOW, created_at=NOW)
    note.contacts.add(one)
    Promise.objects.create(account=account, note=note, text="x", due_on=NOW.date(), created_at=NOW)
    message = make.message(one, now=NOW, state=MessageState.SENT)
    make.message(one, now=NOW)
    MessageAttempt.objects.create(message=message, number=1, owner="w", started_at=NOW)
    Consent.objects.create(contact=one, channel="email", allowed=True, source="x", at=NOW)
    run = make.enrolment(account, now=NOW, contact=one)
    StepRecord.objects.create(enrolment=run, position=0, kind="message", at=NOW, what="x", message=message)
    make.task(account, now=NOW, enrolment=run)
    make.alert(account, now=NOW)
    make.risk(account, now=NOW)
    source = Source.objects.create(name="web", key_start="k", key_hash="h", created_at=NOW)
    Rejection.objects.create(source=source, received_at=NOW, reason="x", raw={})
    file = ImportRun.objects.create(
        kind="contacts",
        file_name="a.csv",
        sha256="0",
        actor="user:1",
        started_at=NOW,
        state="checked",
        upload=uploads.keep("a.csv", [EMAIL.encode()]),
    )
    ImportProblem.objects.create(run=file, problem="x")
    with_event = TaskOpened(account_id=account.pk, task_id=1, title="x")
    events.publish(with_event, actor=Actor.job("x"), now=NOW)
    plant(one)
    return one


def plant(one: Contact) -> None:
    """The canary in every column whose policy is not `keep`: as it is where the row leads to the person, as their address elsewhere."""
    for model in paths.our_models():
        policy = policy_of(model)
        mine = set(paths.rows_of(model, one).values_list("pk", flat=True)) if model in paths.paths_to(Contact) else set()
        if model is Contact or model is Account:
            continue
        for row in model._base_manager.values_list("pk", flat=True):
            for name in (*policy.forget, *policy.clean, *(policy.mask if row in mine else ())):
                word = f"{CANARY}-{row}" if row in mine and name not in policy.clean else f"told {EMAIL} {row}"
                field = model._meta.get_field(name)
                value = {"said": [word], word: 1} if isinstance(field, models.JSONField) else word[: field.max_length or 500]
                if name == "reason" and model._meta.label == "accounts.ArrMovement" or name == "upload":
                    continue
                model._base_manager.filter(pk=row).update(**{name: value})
    Contact.objects.filter(pk=one.pk).update(title=CANARY, traits={"note": CANARY, CANARY: EMAIL})
    Account.objects.filter(pk=one.account_id).update(traits={"admin": EMAIL, "size": 5})


def dump() -> dict[str, str]:
    """Every table of the database as COPY writes it."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("select oid::regclass::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'")
        for (table,) in cursor.fetchall():
            with cursor.copy(f"copy {table} to stdout") as copy:
                found[table] = b"".join(bytes(block) for block in copy).decode()
    return found


def holders() -> list[str]:
    return sorted(table for table, text in dump().items() if CANARY in text.lower())


def counts() -> dict[str, int]:
    """Rows per table, except those that say that something was erased."""
    changing = {"messaging_suppression", "events_event", "events_delivery", "events_change", "events_seal", "django_session"}
    return {table: text.count("\n") for table, text in dump().items() if table not in changing}


def test_no_canary_is_left_anywhere_and_every_count_is_as_before(person, caplog, tmp_path):
    (tmp_path / "mailbox" / "new").mkdir(parents=True)
    (tmp_path / "mailbox" / "new" / "1700000000.M1P1.here").write_text(f"To: {EMAIL}\nSubject: Hi\n\nHello {CANARY}")
    (tmp_path / "mailbox" / "new" / "1700000001.M1P1.here").write_text("To: other@customer.test\nSubject: Hi\n\nHello")
    assert len(holders()) >= 15
    before = counts()
    caplog.set_level(logging.DEBUG)

    done = erase.erase_person(Contact.objects.get(pk=person.pk), actor=Actor.job("test"), now=NOW)

    assert holders() == []
    assert counts() == before
    assert done.mails == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["1700000001.M1P1.here"]
    assert CANARY not in caplog.text
    with redis.Redis.from_url(settings.VALKEY_URL) as valkey:
        assert not [key for key in valkey.scan_iter("*") if CANARY.encode() in key + (valkey.get(key) if valkey.type(key) == b"string" else b"")]
    assert Event.objects.filter(type="person.erased", actor="job:test", payload__contact_id=person.pk).count() == 1
    assert Account.objects.get(pk=person.account_id).traits == {"admin": "erased", "size": 5}
    assert sum(person.account.rollups.values_list("count", flat=True)) == 3
    assert not Message.objects.filter(contact=person, state__in=["queued", "held"]).exists()


def test_the_history_still_verifies_and_what_it_held_is_gone(person):
    from apps.events.models import Change

    events.edit(person, changes={"title": f"Boss {CANARY}"}, actor=Actor.job("x"), now=NOW)
    events.edit(person.account, changes={"segment": f"friend of {EMAIL}"}, actor=Actor.job("x"), now=NOW)
    Account.objects.filter(pk=person.account_id).update(segment="")
    before = Change.objects.count()
    erase.erase_person(Contact.objects.get(pk=person.pk), actor=Actor.job("test"), now=NOW)
    assert Change.objects.count() == before
    assert "events_change" not in holders()
    assert events.tampered() == {"changes": [], "seals": []}


def test_somebody_with_a_similar_name_is_left_alone(person):
    other = make.contact(person.account, name="Ann Reed", email=f"x{EMAIL}", external_id="ann")
    message = make.message(other, now=NOW, subject=f"Hello x{EMAIL}")
    erase.erase_person(Contact.objects.get(pk=person.pk), actor=Actor.job("test"), now=NOW)
    other.refresh_from_db()
    message.refresh_from_db()
    assert (other.name, other.email, message.subject) == ("Ann Reed", f"x{EMAIL}", f"Hello x{EMAIL}")


def test_an_old_list_imported_again_does_not_write_to_them(person):
    account = person.account
    erase.erase_person(Contact.objects.get(pk=person.pk), actor=Actor.job("test"), now=NOW)
    again = make.contact(account, email=EMAIL.upper())
    message = make.message(again, now=NOW)
    found = selectors.histories([message], channel="email", now=NOW + timedelta(hours=1))[message.pk]
    assert found.suppressed == "The person was erased."
    assert not Suppression.objects.filter(address__icontains=CANARY).exists()


def test_an_account_is_erased_with_all_its_people(person):
    second = make.contact(person.account, name="Kim Long", email="kim@customer.test")
    Account.objects.filter(pk=person.account_id).update(name=f"{CANARY} Dental", domain=f"{CANARY}.test", external_id=f"a-{CANARY}", arr=500)
    erase.erase_account(Account.objects.get(pk=person.account_id), actor=Actor.job("test"), now=NOW)
    account = Account.objects.get(pk=person.account_id)
    assert (account.name, account.domain, account.traits, account.arr) == (f"erased {account.pk}", "", {}, 500)
    assert holders() == []
    assert not any("kim@customer.test" in text for text in dump().values())
    assert Contact.objects.get(pk=second.pk).name == ""


def test_the_command_shows_numbers_asks_once_and_erases(person, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr("builtins.input", lambda words: asked.append(words) or "no")
    with pytest.raises(CommandError, match="Nothing was erased."):
        call_command("erase_contact", EMAIL)
    assert (len(asked), Contact.objects.get(pk=person.pk).email) == (1, EMAIL)
    assert "2 of messages" in capsys.readouterr().out

    out = io.StringIO()
    call_command("erase_contact", EMAIL.upper(), "--yes", "--json", stdout=out, stderr=io.StringIO())
    assert json.loads(out.getvalue())["rows"][f"contact:{person.pk}"]["messages"] == 2
    assert Contact.objects.get(pk=person.pk).email == ""
    with pytest.raises(CommandError, match="Nobody is known as"):
        call_command("erase_contact", EMAIL, "--yes")


def test_everything_that_is_stored_about_a_person_is_told(person, tmp_path):
    out = io.StringIO()
    call_command("privacy_export", EMAIL, "--out", str(tmp_path / "me.zip"), "--json", stdout=out)
    counts = json.loads(out.getvalue())
    assert counts["messaging.Message"] == 2
    assert counts["accounts.ActivityEvent"] == 3
    with zipfile.ZipFile(tmp_path / "me.zip") as archive:
        assert json.loads(archive.read("accounts.Contact.json"))[0]["email"] == EMAIL
        assert set(json.loads(archive.read("contents.json"))) >= {"accounts.Ticket", "accounts.Note", "messaging.Consent", "interventions.StepRecord"}


def test_administrators_tell_and_erase_on_a_page_that_shows_the_numbers_and_asks_once(client, person):
    create_groups()
    client.force_login(make.user(Role.ADMINISTRATOR))
    chosen = client.post("/admin/accounts/contact/", {"action": "open_privacy", "_selected_action": [person.pk]})
    assert chosen["Location"] == (page := f"/privacy/contact/{person.pk}/")
    assert "Messages" in client.get(page).content.decode()
    with zipfile.ZipFile(io.BytesIO(b"".join(client.get(f"{page}tell.zip").streaming_content))) as archive:
        assert CANARY in archive.read("accounts.Contact.json").decode()

    client.post(f"{page}erase/")
    assert Contact.objects.get(pk=person.pk).email == EMAIL
    answer = client.post(f"{page}erase/", {"sure": "yes"}, follow=True)
    assert "Erased: " in answer.content.decode()
    assert Contact.objects.get(pk=person.pk).email == ""
    assert client.get(f"/privacy/account/{person.account_id}/").status_code == 200

    client.force_login(make.user(Role.TEAM_LEAD))
    assert {client.get(page).status_code, client.post(f"{page}erase/", {"sure": "yes"}).status_code} == {403}
