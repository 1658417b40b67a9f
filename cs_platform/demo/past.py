"""Lets the product live through the demo company's last weeks, day by day, by its own services under a shifted clock.

Every score, play, message, alert and task of the past is what the product would have done then: the model is trained on what was known before the
first of these days, nothing looks ahead. What people did (read, answer, acknowledge, close) is drawn from fixed shares per row. All of it is one
transaction, so no worker meets half a past. The activity was imagined before and does not react: in this past, contact had no effect, and the
holdout shows it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta

from django.db import connection

from apps.accounts import services as accounts
from apps.accounts.models import Account, Contact
from apps.alerts import handlers as watched
from apps.alerts import services as alerts
from apps.alerts.escalation import handlers as escalation
from apps.alerts.models import Alert
from apps.alerts.types import AlertState
from apps.campaigns import handlers as campaigns
from apps.churn import services as churn
from apps.churn import training
from apps.churn.types import Band
from apps.community import handlers as word_of_mouth
from apps.core import clock, flags
from apps.core.actor import Actor
from apps.core.flags import open_channels
from apps.core.shares import position
from apps.dashboards import handlers as dashboards
from apps.events import services as events
from apps.events import switchboard
from apps.experiments import services as experiments
from apps.experiments.types import GLOBAL_HOLDOUT
from apps.health import services as health
from apps.integrations import handlers as integrations
from apps.interventions import fits, library, steps, tasks_for_people
from apps.interventions import services as interventions
from apps.interventions.models import Enrolment, Play, Task
from apps.interventions.types import PlayState, TaskResult
from apps.messaging import dispatch
from apps.messaging import services as messaging
from apps.messaging.models import Message
from apps.messaging.types import Channel, Lane, MessageState
from apps.metrics import handlers as metrics
from apps.milestones import handlers as milestones
from cs_platform.wiring import WIRING

from . import (
    alerted,
    arranged,
    asked,
    books,
    campaigned,
    coached,
    community,
    escalated,
    figured,
    measured,
    paths,
    prizes,
    referrals,
    segments,
    telephone,
    tips,
    tongues,
    wins,
)
from .model import Company
from .postbox import open_postbox
from .shifted import clock_at

WEEKS = 8
ACTOR = Actor.job("demo_world")
# So many days ago the plays of the library went live: long enough for goal windows of two weeks to be over.
OPENED = 17
# Score as of the end of these days before the present one, every other week while no play is live; between them only messages, plays and people
# move.
SCORED = (56, 42, 28, 21, 14, 7, 3, 2, 1)
# Share of alerts that are acknowledged within two days, the longest an alert stays unresolved, and the longest a task stays open once it is due.
ACKNOWLEDGED, RESOLVED_AFTER, CLOSED_AFTER = 0.7, timedelta(days=14), timedelta(days=3)
# Nothing tells whether a mail was read; an in-app message is read when it is opened.
READ, ANSWERED = {Channel.EMAIL: 0.0, Channel.IN_APP: 0.7}, {Channel.EMAIL: 0.16, Channel.IN_APP: 0.1}
WORDS = (
    "Thanks for asking. Two of our people left and the new ones do not know the calendar yet. Could you show them?",
    "We were closed for two weeks. It should pick up again from Monday.",
    "Honestly, the invoices kept failing for our clients, so we went back to the spreadsheet. Can you look?",
    "Good timing. Let us talk on Thursday morning.",
    "We are looking at something cheaper. What would you need from us to stay?",
    "All fine here, just a quiet month.",
)
OUTCOMES = (
    "Spoke with them: a training session is booked.",
    "Left a message, they call back.",
    "They had trouble with the calendar sync; support has it.",
    "Quiet season, no trouble.",
    "They compare prices; sent the yearly offer.",
)
RESULTS = (TaskResult.MEETING, TaskResult.NO_ANSWER, TaskResult.REACHED, TaskResult.NOT_NEEDED, TaskResult.REACHED)
LARGE = {"usage": 25, "adoption": 20, "support": 15, "relationship": 25, "sentiment": 10, "commercial": 5}
NEWS = "harbourlight-news"
_NEWS_BODY = "Hi {{ contact.first_name }}, {{ news.text }}\n\n{{ csm.name }}"
TOLD_TODAY = (
    (timedelta(hours=5), "Calendar sync works again", "the trouble with the calendar sync is mended. Tell me if you still see double bookings."),
    (timedelta(hours=2), "Your monthly report is ready", "the report of last month waits for you under Reports."),
    (timedelta(), "Half an hour on reminders?", "on Thursday I show how reminders halve missed appointments. Shall I keep a seat for you?"),
)
_NEWS_EXAMPLE = {"news": {"title": TOLD_TODAY[0][1], "text": TOLD_TODAY[0][2]}}


def begins(company: Company) -> datetime:
    """Midnight UTC of the first replayed day."""
    return datetime.combine(company.until.date() - timedelta(weeks=WEEKS), time(), UTC)


def live_through(company: Company, *, progress: Callable[[str], object]) -> dict[str, int]:
    """Train, then live day by day up to the company's present; returns what there is at the end. Call it in one transaction."""
    first, now = begins(company), company.until
    # What preparing the product announced is no part of the past.
    _deliver()
    with clock_at(first), _nobody_looking_on():
        _judge_the_large_ones(first)
        paths.open_paths(first)
        prizes.open_prizes(first, now)
        wins.begin(first)
        definition = churn.ensure_default(now=first)
        training.train(definition, as_of=first, now=first, actor=ACTOR)
    progress("churn model trained on what was known eight weeks ago")
    keys = dict(Account.objects.filter(external_id__in=[customer.key for customer in company.customers]).values_list("external_id", "pk"))
    leaving: dict[datetime, list[int]] = {}
    for customer in company.customers:
        if customer.churned_on is not None and customer.churned_on >= first.date():
            leaving.setdefault(datetime.combine(customer.churned_on, time(), UTC), []).append(keys[customer.key])
    with open_postbox(), _nobody_looking_on():
        for ago in range(7 * WEEKS, -1, -1):
            midnight = datetime.combine(now.date() - timedelta(days=ago), time(), UTC)
            if ago == OPENED:
                _open_the_plays(midnight)
            _live_a_day(
                midnight, min(midnight + timedelta(days=1), now), leaving.get(midnight, []), until=now, scored=ago in SCORED, weekly=ago % 7 == 0
            )
    progress(f"{WEEKS} weeks of plays, messages, alerts and tasks")
    with clock_at(now), _nobody_looking_on():
        _quicken(Play.objects.get(key=library.SAVE_FADING), now)
        scored = churn.score_all(as_of=now, now=now, actor=ACTOR)
        health.score_all(as_of=now, now=now, actor=ACTOR)
        paths.live(now)
        _deliver()
        prizes.live(now, weekly=True)
        wins.live(now)
        health.ask_for_backtest(health.ensure_standard(now=now), actor=ACTOR, now=now)
        coached.write(now=now)
        asked.write(now=now)
        _deliver()
        steps.advance(now=clock.now(), learned=True)
    with open_postbox(), _nobody_looking_on():
        _plan_renewals(now)
        _let_one_climb(now)
        _write_too_often(now)
        tongues.write(now=now)
        telephone.write(now=now)
        made = {"segments": segments.write(now=now), "dashboards": arranged.write(now=now)}
        campaigned.write(now=now)
        community.write(now=now)
        made |= referrals.write(now=now)
        measured.write(now=now)
        escalated.write(now=now)
        # What was announced meanwhile is due a few seconds after the moment.
        with clock_at(now + timedelta(minutes=1)):
            _deliver()
        figured.write(now=now)
        with clock_at(now + timedelta(minutes=1)):
            _deliver()
    progress(f"{scored} accounts scored as of now")
    return made | {"scored": scored, "alerts": Alert.objects.count(), "play_runs": Enrolment.objects.count(), "messages": Message.objects.count()}


def _judge_the_large_ones(now: datetime) -> None:
    """Large customers are judged by a health model of their own: people weigh more, sheer use less."""
    model = health.ensure_standard(now=now)
    tree = {"dimensions": [{**dimension, "weight": LARGE[dimension["key"]]} for dimension in model.tree["dimensions"]]}
    own = health.draft(
        name="enterprise",
        tree_data=tree,
        whom_field="plan",
        whom_value="Enterprise",
        note="With large customers people tell more than clicks.",
        actor=ACTOR,
        now=now,
    )
    health.publish(own, actor=ACTOR, now=now)


def _open_the_plays(now: datetime) -> None:
    """Lately the company put the plays of the library live and kept a twentieth of its customers out of all of them."""
    experiments.draw_holdout(key=GLOBAL_HOLDOUT, share_percent=5, reason="What is all of it together worth?", actor=ACTOR, now=now)
    with clock_at(now):
        for play in Play.objects.filter(key__in=library.names(), state=PlayState.DRAFT).order_by("pk"):
            interventions.turn(play, PlayState.LIVE, actor=ACTOR, now=now)


def _quicken(play: Play, now: datetime) -> None:
    """From here on the play takes minutes where it took days, so that a person who looks on sees it run; what runs already keeps its pace."""
    said = library.says(play.key, waits={"settle": 0.2, "first-wait": 1.5, "second-wait": 3})
    interventions.save_version(play, says=said, note="Minutes instead of days, for the demo.", actor=ACTOR, now=now)


def _plan_renewals(now: datetime) -> None:
    """In every book, the three largest renewals of the coming two months were put on the list last week: one is a day late, one for today, one for
    tomorrow."""
    evening = datetime.combine(now.date(), time(23, 30), UTC)
    written = now - timedelta(days=4)
    coming = Account.objects.at_risk().filter(owner__isnull=False, renews_on__gt=now.date(), renews_on__lte=now.date() + timedelta(days=60))
    taken: dict[int, int] = {}
    with clock_at(written):
        for account in coming.filter(started_on__lt=written.date()).order_by("-arr", "pk"):
            place = taken.get(account.owner_id or 0, 0)
            if place < 3:
                taken[account.owner_id or 0] = place + 1
                tasks_for_people.open_task(
                    account=account,
                    title="Prepare the renewal",
                    why=f"The contract renews on {account.renews_on:%-d %b %Y}.",
                    minutes=30,
                    kind="renewal",
                    due_at=evening + timedelta(days=place - 1),
                    actor=ACTOR,
                    now=written,
                )
        _deliver()


def _let_one_climb(now: datetime) -> None:
    """One customer has not answered for long: the task is on its way up the ladder, past a colleague of the account's owner."""
    present = Account.objects.at_risk().filter(risk__band=Band.MEDIUM, owner__isnull=False, tasks=None).select_related("owner")
    owners = sorted({account.owner_id or 0 for account in present})
    account = present.filter(owner__in=owners[1:]).order_by("-risk__probability", "pk").first()
    if account is not None:
        tasks_for_people.ask_the_next(account=account, why="Two emails and a note in the product, and no answer for a week.", actor=ACTOR, now=now)
        _deliver()


def _write_too_often(now: datetime) -> None:
    """In every book, somebody was told two things today and a third has just been written: the contact governor holds it.

    In-app, which knows no quiet hours, so that the cap shows at whatever hour the company is loaded; an account on the watch list, so that plays for
    those at high risk stay free to write.
    """
    messaging.write_template(
        key=NEWS, channel=Channel.IN_APP, subject="{{ news.title }}", body=_NEWS_BODY, examples=_NEWS_EXAMPLE, actor=ACTOR, now=now
    )
    present = Account.objects.at_risk().filter(risk__probability__isnull=False, owner__isnull=False).select_related("owner", "risk")
    riskiest = sorted(present.order_by("-risk__probability", "pk"), key=lambda account: account.risk.band != Band.MEDIUM)
    seen: set[int] = set()
    chosen: list[Contact] = []
    for account in riskiest:
        if account.owner_id is None or account.owner_id in seen:
            continue
        contact = account.contacts.filter(departed_on__isnull=True).order_by("pk").first()
        if contact is not None:
            seen.add(account.owner_id)
            chosen.append(contact)
    for ago, title, text in TOLD_TODAY:
        moment = now - ago
        with clock_at(moment):
            for contact in chosen:
                messaging.compose(
                    contact=contact,
                    channel=Channel.IN_APP,
                    template_key=NEWS,
                    lane=Lane.NURTURE,
                    idem_key=f"demo:{contact.external_id}:{moment.isoformat()}",
                    context={"news": {"title": title, "text": text}},
                    due_at=moment,
                    expires_at=moment + timedelta(days=3),
                    actor=Actor.user(contact.account.owner),
                    now=moment,
                )
            while dispatch.one_round(Channel.IN_APP, owner="demo_world", clock=clock.now, limit=200):
                pass
            _deliver()


def _live_a_day(midnight: datetime, end: datetime, leaving: list[int], *, until: datetime, scored: bool, weekly: bool) -> None:
    if scored:
        with clock_at(midnight):
            churn.score_all(as_of=midnight, now=midnight, actor=ACTOR)
            if weekly:
                health.score_all(as_of=midnight, now=midnight, actor=ACTOR)
            _deliver()
    with clock_at(midnight):
        books.live(midnight, scored=scored)
        if scored:
            paths.live(midnight)
            wins.live(midnight)
            _deliver()
            prizes.live(midnight, weekly=weekly)
        tips.live(midnight, until=until)
    # Between them it is day, once, in every zone that customers live in. A little later every day: what waits for whole days is over then, however
    # long the work of a moment takes.
    later = timedelta(seconds=30) * (7 * WEEKS - (until.date() - midnight.date()).days)
    for hour in (8, 16, 22):
        moment = midnight + timedelta(hours=hour) + later
        if moment > end:
            return
        with clock_at(moment):
            if hour == 8:
                for account_id in leaving:
                    accounts.mark_churned(Account.objects.get(pk=account_id), on=midnight.date(), actor=ACTOR, now=moment)
            if hour != 22:
                _staff_work(moment)
                alerted.live(moment)
                _customers_answer(moment)
                interventions.check_goals(list(Enrolment.objects.running().values_list("account_id", flat=True)), actor=ACTOR, now=clock.now())
                fits.look_at_all(reaches=flags.play_reaches, actor=ACTOR, now=clock.now())
                interventions.judge_windows(actor=ACTOR, now=clock.now())
            _work()


# Handlers that only pass on what happened to whoever listens, or look whether it concerns a segment, a campaign or a referral, of which there are
# none yet.
_TELLING = (
    *(dashboards.hint, milestones.tell_customers, integrations.offer, campaigns.mark_segments, campaigns.mark_all_segments),
    *(campaigns.start_campaigns, campaigns.welcome, campaigns.note_campaign_reply, campaigns.note_campaign_not_sent, campaigns.note_answered),
    *(word_of_mouth.look_again, word_of_mouth.look_at_changed, word_of_mouth.look_at_referrals, word_of_mouth.take_referrals),
    *(word_of_mouth.void_referrals, word_of_mouth.note_not_sent),
    # Rules begin to watch when the past is over; what held by then is no news.
    watched.mark_changed,
    # Nobody climbs for what is long over; escalated.py lets a few alerts climb as they would have.
    *(escalation.begin_climb, escalation.respond, escalation.tell_listeners, escalation.follow_alert),
    # Figures are taken in at the end, from what is on record.
    *(metrics.count, metrics.mark_stale, metrics.mark_imported_stale),
)


@contextmanager
def _nobody_looking_on() -> Iterator[None]:
    """No page is open in the past and no webhook asks, so nobody is told; and what was done here needs no nudge to a worker."""
    nudges = len(connection.run_on_commit)
    switchboard.connect({said: tuple(handler for handler in handlers if handler not in _TELLING) for said, handlers in WIRING.items()})
    try:
        yield
    finally:
        switchboard.connect(WIRING)
        connection.run_on_commit = connection.run_on_commit[:nudges]


def _deliver() -> None:
    while events.sweep(now=clock.now(), limit=2000, together=50):
        pass


def _work() -> None:
    """What worker and beat do all day: deliver, advance plays, send. Most of the time there is nothing to do, and asking that is the cheapest."""
    _deliver()
    if Enrolment.objects.due_now(clock.now()).exists():
        steps.advance(now=clock.now(), limit=2000, learned=True)
    for channel in open_channels():
        while Message.objects.due_now(channel, clock.now()).exists() and dispatch.one_round(channel, owner="demo_world", clock=clock.now, limit=200):
            pass
    _deliver()


def _staff_work(now: datetime) -> None:
    """Success managers acknowledge most alerts within two days and settle all within two weeks; a task is done at most three days late."""
    for alert in Alert.objects.unresolved().filter(opened_at__lt=now - timedelta(hours=20)).select_related("account__owner"):
        age, by = now - alert.opened_at, Actor.user(alert.account.owner)
        if age > RESOLVED_AFTER * (0.5 + 0.5 * position("settle", alert.pk)):
            alerts.resolve(alert, actor=by, now=now)
        elif (
            alert.state == AlertState.OPEN
            and position("acknowledge", alert.pk) < ACKNOWLEDGED
            and age > timedelta(days=2 * position("when", alert.pk))
        ):
            alerts.acknowledge(alert, actor=by, now=now)
    for task in Task.objects.waiting().filter(due_at__lt=now).select_related("owner"):
        share = position("close", task.pk)
        if task.owner is not None and now - task.due_at > CLOSED_AFTER * share:
            place = int(share * len(OUTCOMES))
            interventions.close_task(task, outcome=OUTCOMES[place], result=RESULTS[place], actor=Actor.user(task.owner), now=now)


def _customers_answer(now: datetime) -> None:
    fresh = Message.objects.filter(state=MessageState.SENT, sent_at__gt=now - timedelta(days=2), sent_at__lt=now - timedelta(hours=1))
    for message in fresh:
        channel, share = Channel(message.channel), position("answer", message.pk)
        if message.read_at is None and share < READ.get(channel, 0):
            messaging.mark_read(message=message, now=now)
        if share < ANSWERED.get(channel, 0.0):
            words = WORDS[int(share / ANSWERED[channel] * len(WORDS))]
            messaging.record_reply(token=message.reply_token, text=words, now=now)
