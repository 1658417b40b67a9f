"""What pages say: deeds in words, ages of tasks, alerts by account."""

from datetime import timedelta

import pytest
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from apps.accounts.activity import record
from apps.accounts.types import ActivityItem
from apps.dashboards.selectors import board, feed, feed_words, lists
from apps.dashboards.selectors.deeds import in_words
from apps.dashboards.templatetags.cs import overdue
from apps.events import vocabulary
from apps.events.models import Event, JobRun
from apps.messaging.providers.email import compose
from tests import make


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("login", "signed in"),
        ("Logged In", "signed in"),
        ("report.viewed", "viewed a report"),
        ("export.run", "ran an export"),
        ("invoice_sent", "sent an invoice"),
        ("cancel_page.viewed", "viewed a cancel page"),
        ("payment.failed", "had a failed payment"),
        ("Dashboard", "did “Dashboard”"),
        (" viewed", "did “ viewed”"),
        ("", "did “”"),
    ],
)
def test_an_events_name_is_told_as_a_person_would(name, words):
    assert in_words(name) == words


@pytest.mark.django_db
def test_the_feed_says_what_was_done_and_by_whom_with_the_same_queries_for_any_number_of_rows(csm, now, django_assert_num_queries):
    account = make.account(owner=csm, name="Riverside")
    person = make.contact(account, name="Sam Reed")

    def done(number, names, contact=""):
        at = now + timedelta(minutes=number)
        items = [
            ActivityItem(
                message_id=f"{number}-{i}", name=name, at=at - timedelta(seconds=len(names) - i), account=account.external_id, contact=contact
            )
            for i, name in enumerate(names)
        ]
        record(items, source="api", now=at)

    done(1, ["report.viewed"], person.external_id)
    done(2, ["login", "login", "export.run"])
    done(3, ["payment.failed"])
    assert [line.words for line in feed.newest(csm, limit=10)] == [
        "had a failed payment",
        "ran an export and did 2 more",
        "viewed a report (Sam Reed)",
    ]
    with django_assert_num_queries(7):
        feed.newest(csm, limit=2)
    with django_assert_num_queries(7):
        feed.newest(csm, limit=10)


@pytest.mark.django_db
def test_an_activity_that_is_gone_is_still_told(csm, now):
    account = make.account(owner=csm)
    record([ActivityItem(message_id="1", name="login", at=now, account=account.external_id)], source="api", now=now)
    account.activity.all().delete()
    assert [line.words for line in feed.newest(csm, limit=10)] == ["was active"]


@pytest.mark.django_db
def test_overdue_tasks_come_first_and_then_the_most_at_stake(csm, now):
    def task(title, due, arr, probability=0.5):
        account = make.account(owner=csm, arr=arr)
        make.risk(account, now=now, probability=probability)
        make.task(account, now=now, title=title, owner=csm, due_at=due)

    task("today, large", now - timedelta(minutes=1), 90_000)
    task("late, small", now - timedelta(days=9), 1_000)
    task("late, large but safe", now - timedelta(days=2), 20_000, 0.01)
    task("late, large", now - timedelta(days=1), 20_000)
    page = lists.tasks(csm, view="due", everyone=False, now=now, page=1)
    assert [row.title for row in page] == ["late, large", "late, small", "late, large but safe", "today, large"]
    assert [overdue(row.due_at, now) for row in page] == ["1 d", "9 d", "2 d", ""]


@pytest.mark.django_db
def test_jobs_are_named_by_what_they_are_for(csm, now):
    interval = IntervalSchedule.objects.create(every=2, period="seconds")
    PeriodicTask.objects.update_or_create(
        task="churn.score_stale", defaults={"name": "Scores", "interval": interval, "description": "Score what is newer than its score"}
    )
    for name in ("churn.score_stale", "unheard.of"):
        JobRun.objects.create(name=name, last_success_at=now)
    assert [job.words for job in board.lag(csm, now)["jobs"]] == ["Score what is newer than its score", "unheard.of"]


@pytest.mark.django_db
def test_the_board_names_an_alert_by_its_account_and_first_reason(client, csm, now):
    account = make.account(owner=csm, name="Riverside")
    make.alert(account, now=now)
    make.alert(account, now=now, kind="delivery", title="Nobody knows whether it arrived")
    client.force_login(csm)
    words = client.get("/board/?part=alerts", headers={"HX-Request": "true"}).content.decode()
    assert "is likely to leave" not in words
    assert "No activity for 23 days" in words
    assert "Nobody knows whether it arrived" in words


@pytest.mark.django_db
def test_a_rules_score_is_never_shown_as_a_chance(client, csm, now):
    ruled, modelled = make.account(owner=csm), make.account(owner=csm)
    make.risk(ruled, now=now, probability=0.48)
    make.risk(modelled, now=now, probability=0.31, source="logistic v2")
    client.force_login(csm)
    words = client.get("/portfolio/").content.decode()
    assert "watch 48 rule score" in words
    assert "48 %" not in words
    assert "watch 31 %" in words


@pytest.mark.django_db
def test_a_customer_who_left_is_told_so_and_not_offered_a_play(client, csm, now):
    make.play(name="Save it")
    account = make.account(owner=csm, stage="churned", churned_on=now.date())
    client.force_login(csm)
    words = client.get(f"/accounts/{account.pk}/").content.decode()
    assert "no longer scored" in words
    assert "ot scored yet" not in words
    assert "What now" not in words


@pytest.mark.django_db
def test_a_mails_html_shows_paragraphs_and_lists_as_they_were_written(now):
    message = make.message(make.contact(make.account()), now=now, body="Hi Sam,\nhow are you?\n\n- one\n- two")
    html = compose(message).alternatives[0][0]
    assert '<p style="margin:0 0 16px">Hi Sam,<br>how are you?</p>' in html
    assert html.count("<li") == 2
    assert "lines" not in html


def test_every_kind_of_event_is_told_in_words_or_not_at_all():
    assert set(vocabulary.ALL) == set(feed_words.WORDS) | set(feed_words.UNTOLD)
    assert not set(feed_words.WORDS) & set(feed_words.UNTOLD)


@pytest.mark.parametrize("kind", sorted(feed_words.WORDS))
def test_an_event_of_an_earlier_release_that_says_less_is_told_all_the_same(kind):
    icon, tone, say = feed_words.WORDS[kind]
    words = say({}, {})
    assert words
    assert kind.replace(".", " ") != words
    assert tone in {"calm", "info", "good", "warn", "bad"}


def test_an_alert_of_no_account_is_told_of_the_platform(now):
    event = Event(type="alert.told", subject="alert:7", payload={"words": "To Maya as the owner."}, actor="job:test", at=now)
    assert feed.event_words(event, {}) == ("campaign", "calm", "The platform has an alert that was told: To Maya as the owner.")
