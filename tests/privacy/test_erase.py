"""A person is erased: no word of theirs is left in the database, the logs, Valkey, the mailbox or the uploads; every count is as before."""

import io
import json
import logging
import os
import subprocess
import zipfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import redis
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.imports import uploads
from apps.accounts.models import (
    Account,
    Contact,
    Field,
    Identity,
    ImportMapping,
    ImportProblem,
    ImportRun,
    Note,
    Promise,
    SurveyResponse,
    Ticket,
)
from apps.accounts.roles import create_groups
from apps.accounts.services import record_activity, rollups
from apps.accounts.types import ActivityItem, Role
from apps.alerts.models import AlertMoment, Notice, NoticeSending
from apps.churn.models import ChurnDefinition, TrainingRun
from apps.coaching.models import TipAnswerRow
from apps.core.actor import Actor
from apps.dashboards.models import Dashboard, DashboardDraft, DashboardVersion, PathDraft, SavedView
from apps.events import services as events
from apps.events.models import Change, Event, JobRun
from apps.events.vocabulary import TaskOpened
from apps.health.models import AccountHealth, HealthModel, HealthScore
from apps.integrations.models import ApiCall, Rejection, Source
from apps.interventions.models import Rehearsal, StepRecord, Task, TaskAssignee, TaskSource
from apps.messaging import selectors, services
from apps.messaging.models import (
    Consent,
    Decision,
    Digest,
    Hold,
    Message,
    MessageAttempt,
    ProviderEvent,
    ProviderHealth,
    PushSubscription,
    Suppression,
)
from apps.messaging.types import MessageState
from cs_platform.local.services import Services
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
    items = [ActivityItem(f"m{n}", f"mail to {EMAIL}", NOW, contact=one.external_id, properties={"who": EMAIL}) for n in range(3)]
    record_activity(items, source="s", now=NOW)
    Ticket.objects.create(account=account, contact=one, source="s", external_id="t1", opened_at=NOW)
    SurveyResponse.objects.create(account=account, contact=one, source="s", external_id="s1", kind="nps", score=9, at=NOW)
    note = Note.objects.create(account=account, body="x", at=NOW, created_at=NOW)
    note.contacts.add(one)
    Promise.objects.create(account=account, note=note, text="x", due_on=NOW.date(), created_at=NOW)
    message = make.message(one, now=NOW, state=MessageState.SENT)
    make.message(one, now=NOW)
    MessageAttempt.objects.create(message=message, number=1, owner="w", started_at=NOW)
    Decision.objects.create(message=message, account=account, state="sent", actor="user:1", at=NOW, last_at=NOW)
    Consent.objects.create(contact=one, channel="email", allowed=True, source="x", at=NOW)
    services.write_policy(actor=Actor.job("x"), now=NOW)
    Digest.objects.create(contact=one, channel="email", key="success/all", opened_at=NOW, closes_at=NOW)
    ProviderEvent.objects.create(provider="twilio", event_id="SM1", kind="inbound", contact=one, message=message, raw={}, received_at=NOW)
    ProviderHealth.objects.create(provider="twilio")
    PushSubscription.objects.create(contact=one, endpoint="https://push.test/x", p256dh="x", auth="x", created_at=NOW)
    run = make.enrolment(account, now=NOW, contact=one)
    StepRecord.objects.create(enrolment=run, position=0, kind="message", at=NOW, what="x", message=message)
    days = {"since": NOW - timedelta(days=90), "until": NOW}
    Rehearsal.objects.create(play=run.play, definition={}, state="done", asked_by="user:1", asked_at=NOW, **days)
    task = make.task(account, now=NOW, enrolment=run)
    make.climb(task, now=NOW)
    TaskSource.objects.create(task=task, kind="play", key="enrolment:1", words="x", first_at=NOW, last_at=NOW)
    TaskAssignee.objects.create(task=task, user=owner, level="backup", why="x", at=NOW)
    alert = make.alert(account, now=NOW)
    make.rule_row(account, now=NOW)
    make.alert_climb(alert, now=NOW)
    make.response_run(alert, now=NOW)
    AlertMoment.objects.create(alert=alert, at=NOW, deed="commented", actor="user:1", words="x")
    notice = Notice.objects.create(user=owner, alert=alert, key="x", words="x", urgent=True, at=NOW)
    NoticeSending.objects.create(notice=notice, road="email", due_at=NOW)
    make.session(account, now=NOW, contact=one)
    make.risk(account, now=NOW)
    TrainingRun.objects.create(definition=ChurnDefinition.objects.get(), asked_by="user:1", why="x", as_of=NOW, asked_at=NOW)
    source = Source.objects.create(name="web", key_start="k", key_hash="h", created_at=NOW)
    Rejection.objects.create(source=source, received_at=NOW, reason="x", raw={})
    ApiCall.objects.create(caller="key:web", key="k", fingerprint="f", at=NOW, body={}, headers={})
    make.delivery(make.webhook(now=NOW), account, now=NOW)
    Field.objects.create(name="account.traits.size")
    Suppression.objects.create(channel="email", address=EMAIL, at=NOW)
    Identity.objects.create(external_id="v1", contact=one, source="s", at=NOW)
    ImportMapping.objects.create(kind="accounts", signature="s", used_at=NOW)
    JobRun.objects.create(name="x")
    make.assigned(account, one, now=NOW)
    make.claimed(account, now=NOW)
    TipAnswerRow.objects.create(recommendation=make.recommendation(account, now=NOW), answer="accept", note="x", by="user:1", at=NOW)
    make.rewarded(one, now=NOW)
    make.offered(account, now=NOW)
    make.asked(make.contact(account), now=NOW)
    make.touch(account, now=NOW, contact=one)
    make.member(account, now=NOW)
    Hold.objects.create(source="enrolment:0", account=account, reason="x", since=NOW)
    make.referred(one, now=NOW)
    make.said_of_sharing(one, now=NOW)
    make.asked_favour(one, now=NOW)
    make.proved(account, one, now=NOW)
    LogEntry.objects.create(user=owner, action_flag=CHANGE, object_repr=EMAIL, change_message=f"told {EMAIL}")
    model = HealthModel.objects.create(name="standard", number=1, whom_field="segment", whom_value="x", tree=[], created_at=NOW, created_by="user:1")
    HealthScore.objects.create(account=account, model=model, as_of=NOW, coverage=9, band="fair", created_at=NOW)
    AccountHealth.objects.create(account=account, model=model)
    SavedView.objects.create(owner=owner, name="x", changed_at=NOW)
    PathDraft.objects.create(name="x", changed_at=NOW)
    board = Dashboard.objects.create(name="x", owner=owner, created_at=NOW, changed_at=NOW)
    DashboardVersion.objects.create(dashboard=board, number=1, says={}, created_at=NOW)
    DashboardDraft.objects.create(dashboard=board, user=owner, says={}, changed_at=NOW)
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
    with transaction.atomic():
        events.publish(with_event, actor=Actor.job("x"), now=NOW)
        said = [events.Changed(f"account:{account.pk}", f"traits.{EMAIL}", None, 1), events.Changed(f"contact:{one.pk}", "title", CANARY, None)]
        events.record_changes(said, actor=Actor.job("x"), source="s", now=NOW)
        plant(one)
    return one


def plant(one: Contact, *, told: str = EMAIL) -> None:
    """The canary in every column whose policy is not `keep`: as it is where the row leads to the person, elsewhere in words that name them."""
    bare = [
        model._meta.label for model in paths.our_models() if {*policy_of(model).columns} - {*policy_of(model).keep} and not model.objects.exists()
    ]
    assert not bare, " ".join(bare)
    for model in paths.our_models():
        policy = policy_of(model)
        mine = set(paths.rows_of(model, one).values_list("pk", flat=True)) if model in paths.paths_to(Contact) else set()
        if model is Contact:
            continue
        for row in model._base_manager.values_list("pk", flat=True):
            for name in {*policy.columns} - {*policy.keep, "upload"}:
                theirs = row in mine and name in (*policy.forget, *policy.mask)
                word = f"{CANARY}-{row}" if theirs else f"told {told} {row}"
                field = model._meta.get_field(name)
                kind = field.get_internal_type()
                longest = field.base_field.max_length if kind == "ArrayField" else field.max_length or 500
                if len(told) > longest:
                    continue
                word = word if len(word) <= longest else told
                value = {"said": [word], word: 1} if kind == "JSONField" else [word] if kind == "ArrayField" else word
                with ledger_open(model):
                    model._base_manager.filter(pk=row).update(**{name: value})
    Contact.objects.filter(pk=one.pk).update(title=CANARY, traits={"note": CANARY, CANARY: EMAIL})
    Account.objects.filter(pk=one.account_id).update(traits={"admin": EMAIL, EMAIL: 1, "size": 5})
    Field.objects.get_or_create(name=f"account.traits.{EMAIL}")


@contextmanager
def ledger_open(model):
    """As somebody who restores a backup would, past its guard."""
    with connection.cursor() as cursor:
        guard = erase._GUARDS.get(model._meta.db_table)
        if guard:
            cursor.execute(f"set constraints all immediate; alter table {model._meta.db_table} disable trigger {guard}")
        yield
        if guard:
            cursor.execute(f"alter table {model._meta.db_table} enable trigger {guard}")


def dump() -> dict[str, str]:
    """Every table of the database as COPY writes it."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("select oid::regclass::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'")
        for (table,) in cursor.fetchall():
            with cursor.copy(f"copy {table} to stdout") as copy:
                found[table] = b"".join(bytes(block) for block in copy).decode()
    return found


def pg_dump() -> str:
    """The whole database, as its own program writes it down."""
    at = connection.get_connection_params()
    program = Services.postgres_binaries() / "pg_dump"
    where = ["--host", str(at["host"]), "--username", at["user"], "--dbname", at["dbname"], *(["--port", str(at["port"])] if at.get("port") else [])]
    return subprocess.run(
        [program, *where], capture_output=True, text=True, check=True, env={**os.environ, "PGPASSWORD": at.get("password") or ""}
    ).stdout


def held_by(valkey: redis.Redis, key: bytes) -> object:
    read = {b"string": valkey.get, b"hash": valkey.hgetall, b"set": valkey.smembers, b"stream": valkey.xrange}
    return read.get(valkey.type(key), lambda key: [valkey.lrange(key, 0, -1)] if valkey.type(key) == b"list" else valkey.zrange(key, 0, -1))(key)


def holders() -> list[str]:
    return sorted(table for table, text in dump().items() if CANARY in text.lower())


def counts() -> dict[str, int]:
    """Rows per table, except those that say that something was erased."""
    changing = {
        "messaging_suppression",
        "messaging_decision",
        "events_event",
        "events_delivery",
        "events_change",
        "events_seal",
        "django_session",
        "accounts_field",
        # Of word of mouth a no to every surface stays, and nothing else.
        *("community_sharingchoice", "community_namedconsent", "community_challengeentry", "community_challengecount"),
    }
    return {table: text.count("\n") for table, text in dump().items() if table not in changing}


@pytest.mark.django_db(transaction=True)
def test_no_canary_is_left_anywhere_and_every_count_is_as_before(person, caplog, tmp_path):
    (tmp_path / "mailbox" / "new").mkdir(parents=True)
    (tmp_path / "mailbox" / "new" / "1700000000.M1P1.here").write_text(f"To: {EMAIL}\nSubject: Hi\n\nHello {CANARY}")
    (tmp_path / "mailbox" / "new" / "1700000001.M1P1.here").write_text("To: other@customer.test\nSubject: Hi\n\nHello")
    assert len(holders()) == 103
    assert pg_dump().lower().count(CANARY) > 100
    # Whom they recommended us to is another customer, who stays.
    Account.objects.exclude(pk=person.account_id).update(name="Friend", domain="", external_id="friend", traits={})
    before = counts()
    caplog.set_level(logging.DEBUG)

    done = erase.erase_person(Contact.objects.get(pk=person.pk), actor=Actor.job("test"), now=NOW)

    assert holders() == []
    assert CANARY not in pg_dump().lower()
    # Who is erased stands on no board any more; that place was all that a board knew of them.
    assert counts() == before | {"milestones_boardplace": 0}
    assert done.mails == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["1700000001.M1P1.here"]
    assert CANARY not in caplog.text
    with redis.Redis.from_url(settings.VALKEY_URL) as valkey:
        assert not [key for key in valkey.scan_iter("*") if CANARY in repr((key, held_by(valkey, key)))]
    assert Event.objects.filter(type="person.erased", actor="job:test", payload__contact_id=person.pk).count() == 1
    assert Account.objects.get(pk=person.account_id).traits == {"admin": "erased", "erased": 1, "size": 5}
    rollups_kept = person.account.rollups.order_by("name").values_list("name", "count", "value")
    assert list(rollups_kept) == [("mail to erased", 3, 3), ("report.shared", 1, 1)]
    assert not Message.objects.filter(contact=person, state__in=["queued", "held"]).exists()


def test_the_history_still_verifies_and_what_it_held_is_gone(person):
    events.edit(person, changes={"title": f"Boss {CANARY}"}, actor=Actor.job("x"), now=NOW)
    events.edit(person.account, changes={"segment": f"friend of {EMAIL}"}, actor=Actor.job("x"), now=NOW)
    Account.objects.filter(pk=person.account_id).update(segment="")
    before = Change.objects.count()
    erase.erase_person(Contact.objects.get(pk=person.pk), actor=Actor.job("test"), now=NOW)
    assert Change.objects.count() == before
    assert "events_change" not in holders()
    assert events.tampered() == {"changes": [], "seals": []}


def test_a_short_id_and_a_first_name_are_codes_to_everybody_else(now):
    one = make.contact(make.account(traits={"admin": "1", "team": "support"}), name="Support", external_id="1")
    other = make.account(name="Support", plan="1", segment="support", traits={"team": "support", "tier": "1"})
    make.contact(other, name="Kim", external_id="kim", traits={"team": "Support"})
    make.task(other, now=now, title="Support", why="1")
    model = HealthModel.objects.create(name="standard", number=1, tree=[{"key": "support"}], created_at=now, created_by="user:1")
    for account in (one.account, other):
        AccountHealth.objects.create(account=account, model=model, parts=[{"key": "support", "value": "1"}])
    events.edit(other, changes={"tier": "1", "segment": "Support 1"}, actor=Actor.job("x"), now=now)
    left = {model: list(model._base_manager.order_by("pk").values()) for model in (HealthModel, AccountHealth, Task, Change)}
    rest = (Account.objects.filter(pk=other.pk).values(), Contact.objects.filter(account=other).values())
    before = [list(rows.all()) for rows in rest]

    erase.erase_person(one, actor=Actor.job("test"), now=now)

    assert [list(rows.all()) for rows in rest] == before
    assert {model: list(model._base_manager.order_by("pk").values()) for model in left} == left
    assert Account.objects.get(pk=one.account_id).traits == {"admin": "erased", "team": "erased"}


def test_a_telephone_number_leaves_sentences_and_never_numbers(now):
    one = make.contact(make.account(), phone="55512345")
    other = make.account(external_id="55512345", traits={"size": 55512345, "share": 0.55512345})
    task = make.task(other, now=now, title="Call 55512345.")
    alert = make.alert(other, now=now, why=["Rang 55512345, nobody there", "55512345"])
    erase.erase_person(one, actor=Actor.job("test"), now=now)
    other.refresh_from_db()
    task.refresh_from_db()
    alert.refresh_from_db()
    assert (other.external_id, other.traits) == ("55512345", {"size": 55512345, "share": 0.55512345})
    assert (task.title, alert.why) == ("Call erased.", ["Rang erased, nobody there", "55512345"])


def test_erasing_an_account_costs_no_more_looks_when_it_has_more_people(now):
    account = make.account()
    for number in range(3):
        make.contact(account, email=f"p{number}@customer.test")
    with CaptureQueriesContext(connection) as few:
        erase.erase_account(account, actor=Actor.job("test"), now=now)
    larger = make.account()
    for number in range(9):
        make.contact(larger, email=f"q{number}@customer.test")
    with CaptureQueriesContext(connection) as many:
        erase.erase_account(larger, actor=Actor.job("test"), now=now)
    per_table = [[one["sql"] for one in asked if "~*" in one["sql"]] for asked in (few, many)]
    assert len(per_table[0]) == len(per_table[1])


def test_an_account_that_is_called_like_its_person_loses_the_name_and_keeps_its_books(now):
    one = make.contact(make.account(name="Jane Reed", external_id="jane@reed.test", plan="gold", arr=500), name="Jane Reed", email="jane@reed.test")
    namesake = make.account(name="Jane Reed", external_id="jane")
    erase.erase_person(one, actor=Actor.job("test"), now=now)
    account = Account.objects.get(pk=one.account_id)
    assert (account.name, account.external_id, account.plan, account.arr) == ("erased", f"erased-{account.pk}", "gold", 500)
    namesake.refresh_from_db()
    assert (namesake.name, namesake.external_id) == ("Jane Reed", "jane")


def test_names_of_activity_that_become_the_same_keep_their_sums(now):
    one = make.contact(make.account(), email="jane@reed.test")
    for name in ("mail to JANE@reed.test", "mail to jane@reed.test", "mail to erased"):
        make.activity(one.account, now, name=name)
    erase.erase_person(one, actor=Actor.job("test"), now=now)
    assert list(one.account.rollups.values_list("name", "count", "value")) == [("mail to erased", 3, 3)]
    assert set(one.account.activity.values_list("name", flat=True)) == {"mail to erased"}
    assert rollups.differences() == 0


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
    plant(person, told=f"{CANARY}.test")
    Account.objects.filter(pk=person.account_id).update(name=f"{CANARY} Dental", domain=f"{CANARY}.test", external_id=f"a-{CANARY}", arr=500)
    # Whom they recommended us to is another customer.
    Account.objects.exclude(pk=person.account_id).update(name="Friend", domain="", external_id="friend", traits={})
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
    assert "3 of messages" in capsys.readouterr().out

    out = io.StringIO()
    call_command("erase_contact", EMAIL.upper(), "--yes", "--json", stdout=out, stderr=io.StringIO())
    assert json.loads(out.getvalue())["rows"][f"contact:{person.pk}"]["messages"] == 3
    assert Contact.objects.get(pk=person.pk).email == ""
    with pytest.raises(CommandError, match="Nobody is known as"):
        call_command("erase_contact", EMAIL, "--yes")


def test_everything_that_is_stored_about_a_person_is_told(person, tmp_path):
    out = io.StringIO()
    call_command("privacy_export", EMAIL, "--out", str(tmp_path / "me.zip"), "--json", stdout=out)
    counts = json.loads(out.getvalue())
    assert counts["messaging.Message"] == 3
    assert counts["accounts.ActivityEvent"] == 4
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
