"""The pages of plays: rates never alone, buttons that say what they do, and the answer to "why did, or didn't, they get it"."""

from datetime import timedelta

import pytest

from apps.accounts.types import Role
from apps.core import flags
from apps.core.actor import Actor
from apps.events.models import Event
from apps.interventions import foretold, library
from apps.interventions import services as interventions
from apps.interventions.models import PassedOver, Play, Rehearsal, StepRecord
from apps.messaging import services as messaging
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ACTOR = Actor.job("test")


@pytest.fixture
def play():
    made = make.play(key="calls", name="Call the quiet")
    flags.open_play("calls")
    return made


@pytest.fixture
def admin(client):
    client.force_login(make.user(Role.ADMINISTRATOR))
    return client


def text(answer, status=200):
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def judged(play, now, arm, count, met):
    for number in range(count):
        goal = {"goal_met_at": now - 10 * DAY} if number < met else {}
        ended = {"state": "ended", "exit_reason": "goal" if goal else "timeout", "ended_at": now - 2 * DAY}
        make.enrolment(make.account(), now=now - 32 * DAY, of=play, arm=arm, window_ends_at=now - 2 * DAY, **goal, **ended)


def test_a_rate_stands_beside_that_of_the_held_out_with_its_counts(admin, play, now):
    judged(play, now, "treated", 40, 30)
    judged(play, now, "held_out", 20, 4)
    page = text(admin.get("/plays/"))
    assert "<b>75 %</b> <small>30 of 40 treated</small>" in page
    assert "<b>20 %</b> <small>4 of 20 held out</small>" in page
    assert "+55 points, between +" in page


def test_few_accounts_tell_nothing_yet(admin, play, now):
    judged(play, now, "treated", 40, 30)
    judged(play, now, "held_out", 3, 0)
    page = text(admin.get("/plays/"))
    assert "3 held out" in page
    assert "cannot tell yet: too few" in page
    assert "points, between" not in page


def test_plays_of_the_product_wait_as_drafts_and_states_filter(admin, now):
    library.ensure(now=now)
    page = text(admin.get("/plays/"))
    assert "Ready plays" in page
    assert page.index("Save a fading account") < page.index("Ready plays") < page.index("Onboarding stalled")
    live = text(admin.get("/plays/?state=live"))
    assert "Save a fading account" in live
    assert "Onboarding stalled" not in live
    assert "No play says “zebra”" in text(admin.get("/plays/?q=zebra"))
    Play.objects.filter(key="detractor").update(state="live")
    assert 'When an account begins to fit the audience<small class="cs-p-block">latest NPS answer (half a year) is at most 6 and' in text(
        admin.get("/plays/?q=detractor")
    )


def test_without_plays_the_page_says_what_to_do(admin):
    assert "There are no plays yet" in text(admin.get("/plays/"))


def test_cards_count_the_runs_that_stand_before_them(admin, play, now):
    for position in (0, 1, 1):
        make.enrolment(make.account(), now=now, of=play, position=position)
    make.enrolment(make.account(), now=now, of=play, position=1, arm="held_out")
    page = text(admin.get("/plays/calls/"))
    assert "<b>1</b> here" in page
    assert "<b>2</b> here" in page
    runs = text(admin.get("/plays/calls/?view=runs&at=task-2"))
    assert runs.count("before step 2: Task for the success manager: Call them") == 2


def test_versions_tell_what_changed(admin, play, now):
    make.rewrite(play, now=now, holdout_percent=20, goal={"window_days": 60})
    page = text(admin.get("/plays/calls/?view=versions"))
    assert "<del>0</del>" in page
    assert "<ins>20</ins>" in page
    assert page.index("Version 2") < page.index("Version 1")


def test_a_button_turns_the_play_and_says_before_what_it_does(admin, play, now):
    make.enrolment(make.account(), now=now, of=play)
    page = text(admin.get("/plays/calls/"))
    assert "1 run keeps its place; nothing is sent and nobody enters until it goes on." in page
    assert admin.post("/do/plays/calls/turn/paused/").status_code == 302
    play.refresh_from_db()
    assert (play.state, play.enrolments.get().paused) == ("paused", True)
    assert "1 run continue" in text(admin.get("/plays/calls/"))
    admin.post("/do/plays/calls/turn/testing/")
    play.refresh_from_db()
    assert play.state == "paused"


def test_a_failing_test_warns_before_the_play_goes_live(admin, now):
    make.play(key="calls", state="draft", tests=[{"name": "wrong", "expect": [{"step": "nothing"}]}])
    assert "1 of its tests fails: look at them first." in text(admin.get("/plays/calls/"))
    shown = text(admin.get("/plays/calls/?view=try"))
    assert "1 of 1 fails." in shown
    assert "Expected then nothing, and +0d 00:00 wait-1 came." in shown


@pytest.mark.parametrize("role", [Role.CSM, Role.VIEWER, Role.TEAM_LEAD])
def test_only_administrators_change_the_rollout_share(client, play, role):
    client.force_login(make.user(role))
    assert client.post("/do/plays/calls/share/", {"percent": "5"}).status_code == 403
    assert flags.play_share("calls") == 100


def test_the_rollout_share_is_set_and_kept_in_the_history(admin, play):
    admin.post("/do/plays/calls/share/", {"percent": "12.5"})
    assert flags.play_share("calls") == 12.5
    assert Event.objects.filter(type="play.changed", payload__change="reaches 12.5 % of accounts").count() == 1
    for wrong in ("101", "-1", "many", ""):
        admin.post("/do/plays/calls/share/", {"percent": wrong})
        assert flags.play_share("calls") == 12.5
    admin.post("/do/plays/calls/share/", {"percent": "0"})
    assert flags.play_share("calls") == 0
    assert not flags.play_reaches("calls", 1)


@pytest.mark.parametrize("role", [Role.CSM, Role.VIEWER])
def test_who_only_reads_turns_nothing(client, play, role):
    client.force_login(make.user(role))
    for url in ("/do/plays/calls/turn/archived/", "/do/plays/calls/rehearse/", "/do/plays/import/"):
        assert client.post(url).status_code == 403
    play.refresh_from_db()
    assert (play.state, Rehearsal.objects.count()) == ("live", 0)
    assert "Change state" not in text(client.get("/plays/calls/"))


def why(browser, account):
    return text(browser.get(f"/plays/calls/?view=runs&account={account.pk}"))


def test_why_an_account_got_it_or_did_not(admin, now):
    play = make.play(key="calls", says={"audience": {"fact": "tier", "value": "gold"}})
    flags.open_play("calls")
    inside, out, passed, other, waits = (make.account(name=name, tier="gold") for name in ("In", "Out", "Passed", "Other", "Waits"))
    run = make.enrolment(inside, now=now, of=play)
    StepRecord.objects.create(enrolment=run, position=0, step="wait-1", kind="wait", at=now, what="Waiting 5 minutes.")
    make.enrolment(out, now=now, of=play, arm="held_out")
    PassedOver.objects.create(play=play, account=passed, reason="cooldown", on=now.date(), at=now)
    other.tier = "silver"
    other.save()
    assert "Yes: In is in it now." in why(admin, inside)
    assert "Waiting 5 minutes." in why(admin, inside)
    assert "No: chance held Out out" in why(admin, out)
    assert "No: a trigger named Passed, and it did not enter because it ran too short a time ago." in why(admin, passed)
    assert "No: Other does not fit the audience." in why(admin, other)
    assert "Tier is gold (it is silver)" in why(admin, other)
    assert "No: Waits fits, and nothing has named it yet. The play starts only when a person starts it." in why(admin, waits)
    flags.set_play_share("calls", 0)
    assert "No: Waits is outside the rollout share" in why(admin, waits)


def test_accounts_of_other_books_are_not_told(staff, csm, play, now):
    mine, theirs = make.account(owner=csm, name="Mine"), make.account(owner=make.user(), name="Theirs")
    for account in (mine, theirs):
        make.enrolment(account, now=now, of=play)
    page = text(staff.get("/plays/calls/?view=runs"))
    assert "Mine" in page
    assert "Theirs" not in page
    assert "Theirs" not in why(staff, theirs)
    assert staff.post("/do/plays/calls/start/", {"account": theirs.pk}).status_code == 404


def test_a_success_manager_starts_a_play_by_hand(staff, csm, play, now):
    account = make.account(owner=csm)
    answer = staff.post("/do/plays/calls/start/", {"account": account.pk})
    assert answer.headers["Location"] == f"/plays/calls/?view=runs&account={account.pk}"
    assert play.enrolments.get().account == account


def test_a_file_goes_out_and_comes_in(admin, play, tmp_path):
    answer = admin.get("/plays/calls/file/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="calls.v1.json"'
    file = tmp_path / "twin.json"
    file.write_bytes(answer.content.replace(b'"key": "calls"', b'"key": "twin"'))
    with file.open("rb") as upload:
        assert admin.post("/do/plays/import/", {"file": upload}).headers["Location"] == "/plays/twin/"
    assert (Play.objects.get(key="twin").state, flags.play_share("twin")) == ("draft", 100)
    file.write_bytes(answer.content.replace(b'"kind": "wait"', b'"kind": "weight"'))
    with file.open("rb") as upload:
        assert "definition.steps[0].kind" in text(admin.post("/do/plays/import/", {"file": upload}), 422)


def rehearsed(play, now, **found):
    base = {"since": now - 90 * DAY, "until": now}
    told = foretold.as_json(foretold.Foretold(**base, **found))
    more = {"definition": play.current.definition, "asked_by": "user:1", "asked_at": now, "ended_at": now}
    return Rehearsal.objects.create(play=play, state="done", result=told, **base, **more)


def test_a_dry_run_shows_who_what_and_whether_its_effect_could_be_seen(admin, now):
    play = make.play(key="calls", says={"holdout_percent": 10})
    accounts = [make.account(name=f"Customer {number}") for number in range(3)]
    at = [now - days * DAY for days in (80, 60, 3)]
    entries = tuple(
        foretold.Entered(account.pk, moment, "treated", "k", goal_met_at=moment + DAY if number == 0 else None)
        for number, (account, moment) in enumerate(zip(accounts, at, strict=True))
    )
    line = foretold.Foreseen(accounts[0].pk, at[0], "treated", 0, "hello", "message", at[0], "Queued.", fate="held", held_for="quiet hours")
    counts = {"messages": {"email": 4}, "withheld": {"quiet hours": 2}, "passed_over": {"cooldown": 5}}
    rehearsed(play, now, entries=entries, lines=(line,), **counts, tasks=2, csm_minutes=30, money=1.25)
    page = text(admin.get("/plays/calls/?view=try"))
    assert "3 runs would have begun, 0 of them held out." in page
    assert "Without it 1 of 2 reached the goal." in page
    for words in ("Customer 2", "30 minutes of CSMs", "1.25", "Quiet hours</span><b>2</b>", "Ran too short a time ago</span><b>5</b>"):
        assert words in page


def test_nobody_would_have_entered_and_why(admin, play, now):
    rehearsed(play, now)
    page = text(admin.get("/plays/calls/?view=try"))
    assert "No one would have entered" in page
    assert "so no day lets anybody in by itself." in page


def test_a_dry_run_is_asked_for_followed_and_stopped(admin, play, now):
    assert admin.post("/do/plays/calls/rehearse/").status_code == 302
    row = Rehearsal.objects.get()
    assert admin.get("/plays/calls/rehearsal/").status_code == 200
    assert 'hx-trigger="every 2s"' in text(admin.get("/plays/calls/?view=try"))
    admin.post(f"/do/plays/calls/rehearsals/{row.pk}/stop/")
    answer = admin.get("/plays/calls/rehearsal/")
    assert answer.status_code == 286
    assert "Stopped before it began." in text(answer, 286)


def test_messages_are_previewed_for_a_person_and_missing_words_are_told(admin, now):
    steps = [{"kind": "message", "id": channel, "channel": channel, "template": "hello"} for channel in ("email", "sms")]
    make.play(key="calls", says={"steps": steps})
    words = {"key": "hello", "channel": "email", "subject": "Hello", "body": "Hi {{ contact.first_name }}"}
    messaging.write_template(**words, actor=ACTOR, now=now)
    make.contact(make.account(locale="de"), name="Ada Lang")
    page = text(admin.get("/plays/calls/preview/?who=Ada"))
    assert "Hi Ada" in page
    assert "There are no words in de, so Ada Lang would get en." in page
    assert "There is no SMS template" in page
    assert "Nobody in your book is called so" in text(admin.get("/plays/calls/preview/?who=zebra"))
    assert interventions.play_files.templates_of(Play.objects.get().current.definition) == ["hello"]
