"""The twelve plays of the library on the demo company, through six channels: what begins to fit enters, the held-out are left alone and counted."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db.models import Count
from waffle.models import Switch

from apps.accounts import services as accounts
from apps.accounts.models import Account, Contact, Invoice, SurveyResponse, Ticket
from apps.accounts.types import Role
from apps.core.actor import Actor
from apps.core.flags import LEARN_CHANNELS
from apps.events import services as events
from apps.events.models import JobRun
from apps.events.vocabulary import RiskRaised
from apps.experiments import services as experiments
from apps.interventions import library
from apps.interventions import services as interventions
from apps.interventions.models import Enrolment, Play, StepRecord, Task
from apps.interventions.selectors import impact
from apps.messaging.models import Message, Template
from apps.milestones.models import Milestone, Progress
from cs_platform import cycle, schedule
from cs_platform.demo import load, model, past
from cs_platform.invariants import broken
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
# Monday morning; the demo company is known up to then.
NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)
OF_EACH = 3
A_DAY = 1440


@pytest.fixture
def company(settings, peer, tmp_path):
    settings.VAR_DIR = tmp_path
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, **dict.fromkeys(("sms", "whatsapp", "voice", "push"), ["console"])}
    call_command("prepare", "--quiet")
    made = model.imagine(accounts=70, seed=3, until=NOW)
    load.write(made, seed=3, as_known_on=past.begins(made).date())
    # Nothing of the company's own past fits any of the plays: what begins to fit below is all there is.
    Account.objects.update(time_zone="UTC", stage="active", churned_on=None, started_on=NOW.date() - timedelta(days=500), renews_on=None)
    Contact.objects.update(phone="", departed_on=None, last_two_way_at=NOW - timedelta(days=2))
    for table in (Ticket, Invoice, SurveyResponse):
        table.objects.all().delete()
    # By the fixed order, so that no draw decides which channels are seen.
    Switch.objects.filter(name=LEARN_CHANNELS).update(active=False)
    Template.objects.filter(channel="whatsapp").update(content_sid="HX" + "0" * 32)
    return list(Account.objects.order_by("external_id")[: OF_EACH * len(library.names())])


def quick(key: str) -> dict:
    """The play of the library with a day where it waits for longer, and half of its accounts held out."""
    said = library.says(key)
    waits = {step["id"]: A_DAY for step in said["steps"] if step.get("minutes", 0) > A_DAY}
    said = {**library.says(key, waits=waits), "holdout_percent": 50}
    for step in said["steps"]:
        if key == "renewal" and step["kind"] == "branch":
            # Everybody takes the way of low risk, which is the only one by WhatsApp.
            step["cases"][0]["when"] = {"fact": "arr", "op": "over", "value": 1e12}
    return said


def _edit(account: Account, **fields: object) -> None:
    accounts.edit(account, changes=fields, actor=ACTOR, now=NOW)


def _risky(account: Account) -> None:
    prediction = make.prediction(account, now=NOW, probability=0.7)
    told = RiskRaised(account_id=account.pk, prediction_id=prediction.pk, from_band="low", to_band="high", probability=0.7)
    events.publish(told, actor=ACTOR, now=NOW)


def _without_core(account: Account, *, age: int) -> None:
    account.activity.all().delete()
    account.rollups.all().delete()
    _edit(account, started_on=NOW.date() - timedelta(days=age))


def _stuck(account: Account) -> None:
    make.activity(account, NOW - timedelta(days=3), name="login")
    milestone, _ = Milestone.objects.get_or_create(key="test-far", defaults={"name": "A far one"})
    opened = {"state": "open", "opened_at": NOW - timedelta(days=60), "pace": "stuck", "behind_at": NOW - timedelta(days=40)}
    Progress.objects.filter(account=account).delete()
    Progress.objects.create(account=account, milestone=milestone, **opened, stuck_at=NOW - timedelta(days=20))


def _champion_is_quiet(account: Account) -> None:
    account.notes.all().delete()
    Contact.objects.filter(account=account).update(last_two_way_at=NOW - timedelta(days=60), role="champion")


def _left(account: Account) -> None:
    accounts.mark_churned(account, on=NOW.date() - timedelta(days=35), actor=ACTOR, now=NOW)


FITS: dict[str, Callable[[Account], object]] = {
    "save-fading": _risky,
    "first-week": lambda account: _without_core(account, age=3),
    "onboarding-stalled": lambda account: _without_core(account, age=30),
    "sponsor-left": lambda account: account.contacts.filter(pk=account.contacts.first().pk).update(
        role="sponsor", departed_on=NOW.date() - timedelta(days=2)
    ),
    "ticket-pain": lambda account: make.ticket(account, NOW - timedelta(hours=60), priority="p1"),
    "payment-failed": lambda account: make.invoice(account, NOW.date() - timedelta(days=3), state="failed"),
    "detractor": lambda account: make.response(account, NOW - timedelta(days=1), score=3),
    "renewal": lambda account: _edit(account, renews_on=NOW.date() + timedelta(days=80)),
    "milestone-stuck": _stuck,
    "expansion-signal": lambda account: _edit(account, seats=10, seats_used=10),
    "quiet-champion": _champion_is_quiet,
    "win-back": _left,
}


def _spare_what_is_no_part_of_it() -> None:
    """Learning, looking back and counting everything anew: the jobs of hours and days that are no part of a play's course."""
    names = [job.task for job in schedule.JOBS if job.every >= 60 and not job.task.startswith("interventions.")]
    JobRun.objects.bulk_create([JobRun(name=name, last_success_at=NOW + timedelta(days=30)) for name in names], ignore_conflicts=True)


def test_the_twelve_plays_run_on_the_demo_company_through_six_channels(company, peer):
    assert set(FITS) == set(library.names())
    groups = {key: company[place * OF_EACH : (place + 1) * OF_EACH] for place, key in enumerate(FITS)}
    Account.objects.update(seats=100, seats_used=10)
    for key, group in groups.items():
        play = Play.objects.get(key=key)
        interventions.save_version(play, says=quick(key), actor=ACTOR, now=NOW)
        if play.state != "live":
            interventions.turn(play, "live", actor=ACTOR, now=NOW)
        experiments.draw_holdout(key=f"play:{key}", share_percent=50, account_ids=[one.pk for one in group], actor=ACTOR, now=NOW)
    _spare_what_is_no_part_of_it()
    cycle.run(NOW + timedelta(minutes=1))
    for key, group in groups.items():
        for number, account in enumerate(group):
            account.refresh_from_db()
            FITS[key](account)
            Contact.objects.filter(account=account).update(phone=f"+1{300 + number}55501{list(FITS).index(key):02}")
    for hours in (1, 26, 51, 76):
        cycle.run(NOW + timedelta(hours=hours))

    arms: dict[str, dict[str, int]] = {}
    for row in Enrolment.objects.values("play__key", "arm").annotate(n=Count("pk")):
        arms.setdefault(row["play__key"], {})[row["arm"]] = row["n"]
    assert {key: set(by_arm) for key, by_arm in arms.items()} == {key: {"treated", "held_out"} for key in FITS}
    sent = Message.objects.filter(state__in=["sent", "delivered"])
    assert set(sent.values_list("channel", flat=True)) == {"email", "in_app", "sms", "whatsapp", "voice", "push"}
    assert Task.objects.filter(enrolment__isnull=False).exists()

    # The held-out: no step, no message, no task; and they stand in the read-out beside the treated.
    held = Enrolment.objects.filter(arm="held_out")
    assert not StepRecord.objects.filter(enrolment__in=held).exists()
    assert not Task.objects.filter(enrolment__in=held).exists()
    assert not Message.objects.filter(idem_key__in=[f"enrolment:{pk}:step:{place}" for pk in held.values_list("pk", flat=True) for place in range(9)])
    lead, later = make.user(Role.ADMINISTRATOR), NOW + timedelta(days=7)
    found = {one.play.key: one for one in impact.of_plays(lead, days=90, within=30, now=later)}
    assert set(found) == set(FITS)
    told = {key: impact.runs(lead, one.play, arm="held_out", days=90, now=later).count() for key, one in found.items()}
    assert told == {key: by_arm["held_out"] for key, by_arm in arms.items()}
    # Activity and contracts were changed behind the product's back above; everything else holds.
    assert {row["name"] for row in broken(NOW + timedelta(hours=76))} <= {"rollups_equal_events", "ledger_equals_arr"}
