import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, F, Max, Sum

from apps.accounts.models import Account, ActivityEvent, Contact, DailyRollup, EventName, Invoice, Subscription, Ticket, User
from apps.accounts.types import Role, Stage
from apps.alerts.models import Alert
from apps.churn.models import AccountRisk, Prediction
from apps.core import clock
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Delivery
from apps.events.types import DeliveryState
from apps.interventions.library import SAVE_FADING
from apps.interventions.models import Enrolment, Play, Task
from apps.messaging import maildir
from apps.messaging.models import Message
from apps.messaging.types import MessageState
from apps.metrics import selectors as metrics
from apps.metrics import services as keep
from cs_platform.demo import load, model, past
from cs_platform.demo.streams import MEANINGS

pytestmark = pytest.mark.django_db
UNTIL = "2026-03-11T14:00:00Z"


def imagine_and_write(accounts: int = 30, seed: int = 3) -> model.Company:
    company = model.imagine(accounts=accounts, seed=seed, until=datetime(2026, 3, 11, 14, tzinfo=UTC))
    load.write(company, seed=seed, as_known_on=past.begins(company).date())
    return company


def demo_world(*arguments: str) -> str:
    said = StringIO()
    call_command("demo_world", "--accounts", "50", "--seed", "3", "--until", UNTIL, *arguments, stdout=said)
    return said.getvalue()


@pytest.fixture
def prepared(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    call_command("prepare", "--quiet")
    # What preparing announced today is later than all that the demo lives through.
    while events.sweep(now=clock.now(), limit=2000):
        pass


def test_daily_rollups_are_exactly_the_events():
    imagine_and_write()
    with connection.cursor() as cursor:
        cursor.execute("select account_id, (at at time zone 'UTC')::date, name, count(*), sum(value) from accounts_activityevent group by 1, 2, 3")
        counted = set(cursor.fetchall())
    assert len(counted) > 5_000
    assert set(DailyRollup.objects.values_list("account_id", "day", "name", "count", "value")) == counted


def test_papers_agree_with_the_activity():
    company = imagine_and_write()
    counted = dict(ActivityEvent.objects.values_list("name").annotate(rows=Count("pk")))
    assert Ticket.objects.count() == counted["ticket.opened"]
    assert Invoice.objects.filter(state="paid").count() == counted["invoice.paid"]
    assert Invoice.objects.filter(state__in=["failed", "void"]).count() == counted.get("payment.failed", 0)
    assert Subscription.objects.count() == Account.objects.count() == 30
    assert not Subscription.objects.exclude(arr=F("account__arr")).filter(account__churned_on=None).exists()
    assert not Ticket.objects.filter(solved_at__gt=company.until).exists()
    assert not Invoice.objects.filter(account__started_on__gt=F("paid_on")).exists()


def test_everything_is_labelled_synthetic_and_comes_from_the_source_demo():
    imagine_and_write()
    assert (
        Account.objects.count()
        == Account.objects.filter(synthetic=True, external_id__startswith="hl-", currency__in=["USD", "EUR", "GBP"]).count()
        == 30
    )
    assert list(ActivityEvent.objects.values_list("source", flat=True).distinct()) == ["demo"]
    assert set(EventName.objects.values_list("name", "meaning")) == set(MEANINGS.items())
    assert not Contact.objects.exclude(email__endswith=".example").exists()


def test_each_person_acts_for_the_own_account_only():
    imagine_and_write()
    assert ActivityEvent.objects.filter(contact__isnull=False).count() > 1_000
    assert not ActivityEvent.objects.filter(contact__isnull=False).exclude(contact__account=F("account")).exists()


def test_staff_can_sign_in_and_books_are_alike(client):
    imagine_and_write(60)
    assert client.login(username="csm@demo.test", password="demo-demo-1")
    assert User.objects.get(email="lead@demo.test").roles == {Role.TEAM_LEAD}
    assert User.objects.get(email="viewer@demo.test").roles == {Role.VIEWER}
    admin = User.objects.get(email="admin@demo.test")
    assert (admin.is_superuser, admin.roles) == (True, {Role.ADMINISTRATOR})
    books = Account.objects.values("owner").annotate(size=Count("pk"))
    assert len(books) == 5
    assert max(book["size"] for book in books) - min(book["size"] for book in books) <= 12
    mara, lead = User.objects.get(email="csm@demo.test"), User.objects.get(email="lead@demo.test")
    assert 0 < Account.objects.for_user(mara).count() < Account.objects.for_user(lead).count() < 60


def test_staff_who_were_there_keep_password_and_name():
    User.objects.create_user("csm@demo.test", "another-password", full_name="Somebody Else")
    load.staff()
    mara = User.objects.get(email="csm@demo.test")
    assert (mara.full_name, mara.check_password("another-password")) == ("Somebody Else", True)


def test_the_product_has_lived_through_the_last_weeks(prepared):
    now = datetime(2026, 3, 11, 14, tzinfo=UTC)
    # Who is held out follows from the account's key: among 50 accounts the few that a play writes to can all be held out.
    report = json.loads(demo_world("--accounts", "150", "--json").splitlines()[-1])

    assert (report["created"], report["accounts"]) == (True, 150)
    present = Account.objects.at_risk().count()
    assert AccountRisk.objects.filter(probability__isnull=False, as_of=now).count() == report["scored"] == present
    assert Prediction.objects.filter(account__in=Account.objects.at_risk()).values("as_of").distinct().count() == len(past.SCORED) + 1
    assert Enrolment.objects.filter(ended_at__isnull=False).exists()
    assert Alert.objects.exists()
    assert report["messages"] == Message.objects.count() > 0
    sent = Message.objects.filter(channel="email", sent_at__isnull=False)
    assert maildir.count() == sent.count() > 0
    assert abs((maildir.newest(1)[0].at - sent.aggregate(at=Max("sent_at"))["at"]).total_seconds()) < 5
    # Nothing waits for a worker, nothing lies ahead, and nobody who left was active afterwards.
    assert not Delivery.objects.exclude(state=DeliveryState.DONE).exists()
    assert not Message.objects.filter(created_at__gt=now.replace(minute=5)).exists()
    assert not ActivityEvent.objects.filter(at__gt=now).exists()
    left = Account.objects.filter(stage=Stage.CHURNED)
    assert left.count() == left.filter(churned_on__lte=now.date()).count() > 0
    assert not ActivityEvent.objects.filter(account__in=left, at__date__gte=F("account__churned_on")).exists()
    assert not DailyRollup.objects.filter(account__in=left, day__gte=F("account__churned_on")).exists()
    # Nobody looks neglected, and the governor holds something back in every book.
    assert not Task.objects.waiting().filter(due_at__lt=now - timedelta(days=3.5)).exists()
    renewals = Task.objects.waiting().filter(title="Prepare the renewal")
    largest = renewals.filter(due_at__date=now.date() - timedelta(days=1))
    assert largest.count() == renewals.values("owner").distinct().count() > 0
    assert not Alert.objects.unresolved().filter(opened_at__lt=now - timedelta(days=14.5)).exists()
    held = Message.objects.filter(state=MessageState.HELD, reason__startswith="Already 2 messages in 24 hours")
    # One in every book at least; who was congratulated today besides has another.
    assert held.filter(account__owner__email="csm@demo.test").exists()
    assert held.values("account__owner").distinct().count() == Account.objects.at_risk().values("owner").distinct().count()
    # Figures stand and reach back over the weeks, and a count of everything finds nothing else.
    assert metrics.figure(None, "customers", now=now).value == present
    for key in ("arr", "risk", "health", "activity", "customers"):
        days = metrics.series(None, key, start=now.date() - timedelta(days=20), end=now.date(), now=now)[0].points
        assert all(point.value for point in days), key
    week = DailyRollup.objects.filter(day__gt=now.date() - timedelta(days=7), day__lte=now.date())
    assert metrics.figure(None, "activity_7", now=now).value == week.aggregate(n=Sum("count"))["n"]
    found = keep.recount(now=now, actor=Actor.job("test"))
    assert (found.differing, found.tallies, found.days) == (0, 0, 0)
    # From here on the play shows in minutes what takes days.
    waits = [step["minutes"] for step in Play.objects.get(key=SAVE_FADING).current.definition["steps"] if step["kind"] == "wait"]
    assert sum(waits) < 10


def facts() -> dict[str, list]:
    """Everything that must be the same again, without row ids and times of writing."""
    return {
        "accounts": list(
            Account.objects.order_by("external_id").values_list(
                *("external_id", "name", "domain", "plan", "stage", "owner__email", "time_zone", "arr", "seats", "started_on", "renews_on"),
                *("churned_on", "traits"),
            )
        ),
        "contacts": list(Contact.objects.order_by("external_id").values_list("external_id", "name", "email", "role", "departed_on")),
        "activity": list(
            ActivityEvent.objects.order_by("message_id").values_list(
                *("account__external_id", "contact__external_id", "message_id", "name", "at", "received_at", "value", "properties")
            )
        ),
        "rollups": list(
            DailyRollup.objects.order_by("account__external_id", "day", "name").values_list("account__external_id", "day", "name", "value")
        ),
        "risks": list(Prediction.objects.order_by("id").values_list("account__external_id", "as_of", "probability", "band")),
        "runs": list(Enrolment.objects.order_by("id").values_list("account__external_id", "arm", "state", "exit_reason", "entered_at__date")),
        "messages": list(Message.objects.order_by("id").values_list("address", "channel", "state", "subject", "reply", "sent_at__date")),
        "alerts": list(Alert.objects.order_by("id").values_list("account__external_id", "state", "severity", "why", "opened_at__date")),
    }


def start_over() -> None:
    """As on a clean database: row ids count from 1, which the holdout's shares depend on."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute(
            "truncate accounts_account, accounts_user, accounts_team, accounts_eventname, events_event, churn_churndefinition, "
            "interventions_play, milestones_milestone, messaging_template, messaging_message, "
            "milestones_rewardbudget, milestones_rewardrule, milestones_tier, milestones_badge, milestones_catalogueitem, milestones_board, "
            "milestones_orderreading, milestones_winningrules, milestones_streakpause, "
            "campaigns_campaign, campaigns_segment, community_challenge, community_statement, community_referralprogram, "
            "coaching_pattern, coaching_profilefit, coaching_tip, coaching_strategy, coaching_coachingrules, "
            "experiments_holdout, experiments_experiment, experiments_armcount, experiments_segmentrhythm "
            "restart identity cascade"
        )
    call_command("prepare", "--quiet")


def test_the_same_seed_gives_the_same_company_and_the_same_past(prepared):
    start_over()
    demo_world()
    first = facts()
    start_over()
    assert not Account.objects.exists()
    demo_world()
    assert len(first["runs"]) > 0
    assert facts() == first


def test_once_leaves_a_company_that_is_there_alone(prepared):
    imagine_and_write()
    before = (Account.objects.count(), ActivityEvent.objects.aggregate(total=Sum("value")), Prediction.objects.count())
    assert demo_world("--once") == "The demo company is there already.\n"
    with pytest.raises(CommandError, match="Add --once"):
        demo_world()
    assert before == (Account.objects.count(), ActivityEvent.objects.aggregate(total=Sum("value")), Prediction.objects.count())


@pytest.mark.parametrize(
    ("arguments", "words"), [(["--until", "yesterday"], "is no date"), (["--accounts", "0"], "at least 1"), (["--seed", "-1"], "0 or a positive")]
)
def test_nonsense_is_refused_before_anything_is_written(arguments, words):
    with pytest.raises(CommandError, match=words):
        call_command("demo_world", *arguments)
    assert not Account.objects.exists()
