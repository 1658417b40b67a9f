"""Plain builders: make.account(name="Riverside Dental"). Each gives a valid row with as few fields as possible."""

import itertools
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from waffle.models import Switch

from apps.accounts.models import (
    Account,
    ActivityEvent,
    Contact,
    EventName,
    Invoice,
    Note,
    Promise,
    Pulse,
    Subscription,
    SurveyResponse,
    Team,
    Ticket,
    User,
)
from apps.accounts.services import ledger, record_activity
from apps.accounts.types import ActivityItem, Role
from apps.alerts import services as alerts
from apps.alerts.models import (
    Alert,
    AlertRule,
    AlertSubscription,
    Climb,
    ClimbStep,
    DutyMember,
    DutyRota,
    EscalationPolicy,
    Incident,
    Response,
    ResponseRun,
    RuleTrial,
    Watched,
)
from apps.campaigns import services as campaigns
from apps.campaigns.models import (
    Campaign,
    CampaignVersion,
    Invitation,
    Membership,
    Occurrence,
    OutsideTouch,
    Recipient,
    Segment,
    SegmentVersion,
)
from apps.churn.integrity import checksum
from apps.churn.models import AccountRisk, ChurnDefinition, ModelVersion, Prediction
from apps.coaching import services as coaching
from apps.coaching.models import CoachingRules, Goal, GoalReading, Recommendation, Session, Strategy, Tip
from apps.community import services as community
from apps.community.models import (
    Advocate,
    Ask,
    ChallengeCount,
    ChallengeEntry,
    Favour,
    Moment,
    NamedConsent,
    Published,
    Referral,
    ReferralProgram,
    Statement,
)
from apps.core import flags
from apps.core.actor import Actor
from apps.experiments import services as experiments
from apps.experiments.models import ArmCount, Experiment, Holdout, HoldoutMember, Override, SegmentRhythm
from apps.experiments.types import Candidate, Outcome
from apps.integrations.models import Webhook, WebhookDelivery
from apps.integrations.services import offers, webhooks
from apps.interventions import escalation
from apps.interventions import services as interventions
from apps.interventions.models import Enrolment, Escalation, Play, Task
from apps.interventions.types import Silence
from apps.messaging import services as messaging
from apps.messaging.models import Message, Template
from apps.milestones import services as milestones
from apps.milestones.models import (
    BadgeAward,
    DifficultyChoice,
    Held,
    Milestone,
    MilestoneValue,
    Pacing,
    PathChoice,
    Progress,
    RewardClaim,
)
from apps.milestones.types import ClaimKind

PASSWORD = "correct-horse"
ACTOR = Actor.job("test")
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_numbers: Iterator[int]


def begin_anew() -> None:
    """Names, keys and addresses are made of these, all of seven digits: they sort as their numbers do."""
    global _numbers
    _numbers = itertools.count(1_000_001)


begin_anew()


def user(role: Role | None = Role.CSM, *, team: Team | None = None, **fields: Any) -> User:
    number = next(_numbers)
    made = User.objects.create_user(fields.pop("email", f"person{number}@staff.test"), PASSWORD, full_name=f"Person {number}", team=team, **fields)
    if role is not None:
        made.groups.add(Group.objects.get_or_create(name=role.value)[0])
    return made


def team(name: str = "") -> Team:
    return Team.objects.create(name=name or f"Team {next(_numbers)}")


def account(**fields: Any) -> Account:
    """With its ledger open, as every door leaves it; the first movement counts from `started_on`, or else from 2020 on."""
    number = next(_numbers)
    made = Account.objects.create(**{"external_id": f"a{number}", "name": f"Account {number}", "arr": 12_000, **fields})
    ledger.post_differences([made.pk], on=max(_LONG_AGO.date(), made.started_on or date.min), source="test", actor=ACTOR, now=_LONG_AGO)
    return made


def contact(account: Account, **fields: Any) -> Contact:
    number = next(_numbers)
    return Contact.objects.create(
        account=account, **{"external_id": f"p{number}", "name": f"Sam Person{number}", "email": f"sam{number}@customer.test", **fields}
    )


def activity(account: Account, *moments: datetime, name: str = "login", value: float = 1.0) -> None:
    """Activity events through the real door of the accounts app."""
    items = [ActivityItem(message_id=f"m{next(_numbers)}", name=name, at=at, account=account.external_id, value=value) for at in moments]
    record_activity(items, source="test", now=max(moments))


def activity_of(contact: Contact, *moments: datetime, name: str = "login") -> None:
    """What a person did."""
    said = {"name": name, "account": contact.account.external_id, "contact": contact.external_id}
    record_activity([ActivityItem(message_id=f"m{next(_numbers)}", at=at, **said) for at in moments], source="test", now=max(moments))


def weeks_of_use(account: Account, *, until: datetime, weeks: int, per_week: int, name: str = "login") -> None:
    """Steady use: `per_week` events in each of the `weeks` before `until`."""
    activity(
        account, *[until - timedelta(weeks=week, hours=1 + index * 160 / per_week) for week in range(weeks) for index in range(per_week)], name=name
    )


def story(account: Account, *, now: datetime) -> None:
    """One of everything that is said about an account: ticket, answer, note, promise, pulse, subscription, invoice."""
    number, today = next(_numbers), now.date()
    Ticket.objects.create(account=account, source="test", external_id=f"t{number}", subject=f"Question {number}", opened_at=now)
    SurveyResponse.objects.create(account=account, source="test", external_id=f"s{number}", kind="nps", score=9, at=now)
    Note.objects.create(account=account, body=f"Spoke with them {number}", at=now, created_at=now)
    Promise.objects.create(account=account, text=f"Send the offer {number}", due_on=today, created_at=now)
    Pulse.objects.create(account=account, value=70, at=now)
    Subscription.objects.create(account=account, external_id=f"c{number}", started_on=today, currency="USD", arr=12_000)
    Invoice.objects.create(account=account, external_id=f"i{number}", amount=1_000, currency="USD", issued_on=today, due_on=today)


def ticket(account: Account, opened_at: datetime, **fields: Any) -> Ticket:
    number = next(_numbers)
    values = {"external_id": f"t{number}", "subject": f"Question {number}", "state": "solved" if fields.get("solved_at") else "open"}
    return Ticket.objects.create(account=account, source="test", opened_at=opened_at, **{**values, **fields})


def response(account: Account, at: datetime, **fields: Any) -> SurveyResponse:
    """An answer to a survey: NPS, unless said otherwise."""
    return SurveyResponse.objects.create(account=account, source="test", at=at, **{"external_id": f"s{next(_numbers)}", "kind": "nps", **fields})


def invoice(account: Account, due_on: date, **fields: Any) -> Invoice:
    """A bill, issued two weeks before it is due."""
    values = {"external_id": f"i{next(_numbers)}", "amount": 1_000, "currency": account.currency, "issued_on": due_on - timedelta(days=14)}
    return Invoice.objects.create(account=account, due_on=due_on, **{**values, **fields})


def meanings(**names: str) -> None:
    """Give activity names a meaning: make.meanings(**{"ticket.opened": "support"})."""
    for name, meaning in names.items():
        EventName.objects.update_or_create(name=name, defaults={"meaning": meaning})


def prediction(account: Account, *, now: datetime, probability: float = 0.62, reasons: list[dict[str, Any]] | None = None) -> Prediction:
    """A stored score of the rule; the band follows the probability: high from 0.5, watch from 0.15."""
    definition = ChurnDefinition.objects.filter(is_default=True).first()
    if definition is None:
        definition = ChurnDefinition.objects.create(name="test", kind="cancelled", is_default=True)
    model, _ = ModelVersion.objects.get_or_create(definition=definition, number=1, defaults={"kind": "rule", "created_at": now})
    return Prediction.objects.create(
        account=account,
        model=model,
        as_of=now,
        probability=probability,
        band="high" if probability >= 0.5 else "medium" if probability >= 0.15 else "low",
        reasons=reasons
        or [
            {"feature": "recency", "words": "No activity for 23 days", "value": 23, "contribution": 0.9},
            {"feature": "tenure", "words": "Customer for 3 years", "value": 1095, "contribution": -0.2},
        ],
        created_at=now,
    )


def model_version(definition: ChurnDefinition | None = None, *, now: datetime, **fields: Any) -> ModelVersion:
    """A learned model with all that a training tells of it; `parameters` score by the activity of four weeks alone."""
    if definition is None:
        definition, _ = ChurnDefinition.objects.get_or_create(name="cancelled-90", defaults={"kind": "cancelled", "is_default": True})
    last = definition.versions.order_by("-number").first()
    about = {"rows": 4_000, "accounts": 1_200, "churned_accounts": 96, "base_rate": 0.06, "majority": 0.94}
    good = {"auc": 0.84, "auc_low": 0.79, "auc_high": 0.88, "average_precision": 0.41, "lift_10": 4.5, "accuracy": 0.951}
    hand = {"auc": 0.71, "auc_low": 0.65, "auc_high": 0.77, "average_precision": 0.19, "lift_10": 2.6}
    share = [step / 20 for step in range(21)]
    metrics = {
        "candidates": {
            "logistic": about | good | {"brier": 0.0451, "brier_skill": 0.2, "calibration_error": 0.012},
            "trees": about | good | {"auc": 0.82, "brier": 0.0468, "brier_skill": 0.17, "calibration_error": 0.015},
            "rule": about | hand,
            "nothing": about | {"auc": 0.5, "average_precision": 0.06, "lift_10": 1.0, "brier": 0.0564},
        },
        "chosen": "logistic",
        "stage": "full",
        "curves": {
            "reliability": [[0.004 * 2**group, 0.0042 * 2**group, 400] for group in range(7)],
            "gain": [[x, round(1 - (1 - x) ** 3.4, 4), round(1 - (1 - x) ** 2.9, 4)] for x in share],
            "precision_recall": [[x, round(0.06 + 0.74 * (1 - x) ** 1.7, 4)] for x in share],
        },
        "slices": [
            {"name": "plan", "value": "Team", "rows": 2_100, "churned": 61, "auc": 0.86, "predicted_over_actual": 1.02},
            {"name": "plan", "value": "Solo", "rows": 1_600, "churned": 31, "auc": 0.79, "predicted_over_actual": 0.71},
            {"name": "plan", "value": "Enterprise", "rows": 300, "churned": 4, "auc": 0.9, "predicted_over_actual": 1.4},
        ],
        "drivers": [
            {"feature": "trend_28", "words": "activity against its own pattern", "loss_increase": 0.041, "low": 0.033, "high": 0.05},
            {"feature": "since", "words": "days without activity", "loss_increase": 0.022, "low": 0.015, "high": 0.028},
            {"feature": "support_28", "words": "support problems", "loss_increase": 0.004, "low": 0.001, "high": 0.008},
        ],
        "gate": [
            {"check": "signal", "passed": True, "words": "Ranks leavers better than chance on later dates."},
            {"check": "beats_champion", "passed": True, "words": "Better than what was at work in 98 of 100 resamplings of the accounts."},
        ],
        "refused_columns": {"trait:cancel_reason": "It is known only for customers that left."},
        "snapshots": ["2024-01-01", "2024-01-29", "2024-02-26"],
        "rows": 12_000,
        "churned_accounts": 240,
        "proved": "on later dates",
        "treated": {"words": "312 rows of customers that somebody tried to keep were left out of what it learned."},
    }
    made = {"window_from": "2024-01-01", "window_to": "2024-02-26", "features_hash": "5f1e0c", "code": "1.4.0", "python": "3.12.3"}
    column = {"feature": "n_28", "how": "value", "fill": 3.0, "level": None, "levels": [], "knot": 0.0, "log": True, "mean": 2.0, "scale": 1.0}
    values = {
        "number": last.number + 1 if last else 1,
        "kind": "logistic",
        "parameters": {"intercept": -2.0, "columns": [column | {"coef": -0.9, "average": 0.0}], "names": [], "cuts": {"medium": 0.1, "high": 0.2}},
        "metrics": metrics,
        "made": made | {"libraries": {"numpy": "2.4.6", "scikit-learn": "1.9.1"}, "trained_seconds": 12.3},
        "decision": "Put to work. It ranks leavers better than the rule on later dates.",
        "trained_as_of": now,
        "created_at": now,
    }
    made_of = {**values, **fields}
    return ModelVersion.objects.create(definition=definition, checksum=checksum(made_of["parameters"]), **made_of)


def risk(account: Account, *, now: datetime, probability: float = 0.62, before: float | None = None, source: str = "rule v1") -> AccountRisk:
    """The present risk that lists sort by, with the prediction it points to."""
    scored = prediction(account, now=now, probability=probability)
    values: dict[str, Any] = {"prediction": scored, "probability": probability, "band": scored.band, "reasons": scored.reasons, "source": source}
    row, _ = AccountRisk.objects.update_or_create(
        account=account, defaults={**values, "stake": probability * float(account.arr), "as_of": now, "before": before, "stale_since": None}
    )
    return row


def alert(account: Account | None, *, now: datetime, **fields: Any) -> Alert:
    number = next(_numbers)
    values = {"kind": "risk", "severity": "warning", "title": f"{account or 'The platform'} is likely to leave", "why": ["No activity for 23 days"]}
    return Alert.objects.create(account=account, **{**values, "dedup_key": f"test:{number}", "opened_at": now, "last_seen_at": now, **fields})


def rule_row(account: Account, *, now: datetime) -> AlertRule:
    """A live rule, what it remembers of the account, and a try of it."""
    says = {"kind": "threshold", "figure": "late_answers", "way": "above", "limit": 1}
    rule = AlertRule.objects.filter(key="late").first()
    if rule is None:
        rule = alerts.rules.create(key="late", name="Late answers", says=says, by=None, actor=ACTOR, now=now)
        alerts.rules.turn(rule, "live", actor=ACTOR, now=now)
        RuleTrial.objects.create(rule=rule, says=says, asked_by="test", asked_at=now, first=now.date(), last=now.date(), state="done")
    Watched.objects.get_or_create(rule=rule, account=account, defaults={"day": now.date(), "since": now.date()})
    return rule


def incident(account: Account, *, now: datetime, **fields: Any) -> Incident:
    return Incident.objects.create(account=account, opened_at=now, **fields)


def heard(user: User, *, now: datetime, **fields: Any) -> AlertSubscription:
    """What somebody chose to hear of alerts that cannot wait."""
    return AlertSubscription.objects.create(user=user, **{"severity": "urgent", "email": "at_once", "changed_at": now, **fields})


def policy(key: str = "", *, now: datetime, **fields: Any) -> EscalationPolicy:
    """The owner at once, the head after four working hours."""
    steps = [{"do": "notify", "whom": "owner"}, {"do": "wait", "minutes": 240}, {"do": "notify", "whom": "head"}]
    values = {"name": "Owner, then head", "steps": steps, "repeat": 0, "changed_at": now, **fields}
    return EscalationPolicy.objects.create(key=key or f"policy-{next(_numbers)}", **values)


def alert_climb(alert: Alert, *, now: datetime, **fields: Any) -> Climb:
    """An alert on its way up, its first step due."""
    by = fields.pop("policy", None) or policy(now=now)
    made = Climb.objects.create(alert=alert, policy=by, steps=by.steps, repeat=by.repeat, large=False, started_at=now, **fields)
    ClimbStep.objects.create(climb=made, position=0, kind="notify", due_at=now)
    return made


def rota(*people: User, now: datetime, **fields: Any) -> DutyRota:
    """A week each, from the Monday of this week at nine UTC."""
    number = next(_numbers)
    monday = now.date() - timedelta(days=now.weekday())
    values = {"key": f"rota-{number}", "name": f"Rota {number}", "starts_on": monday, "changed_at": now, **fields}
    made = DutyRota.objects.create(**values)
    DutyMember.objects.bulk_create(DutyMember(rota=made, user=person, position=place) for place, person in enumerate(people or (user(),)))
    return made


def response_run(alert: Alert, *, now: datetime, **fields: Any) -> ResponseRun:
    """A rule asks a person whether it may open a task."""
    number = next(_numbers)
    rule = AlertRule.objects.create(key=f"rule-{number}", name=f"Rule {number}", kind="notice", state="live", created_at=now, changed_at=now)
    says = {"title": "Call the sponsor", "minutes": 20, "due_hours": 24, "priority": "high"}
    made = Response.objects.create(rule=rule, deed="task", says=says, mode="ask", changed_at=now)
    values = {"state": "asked", "what": "It would open the task “Call the sponsor”, when somebody says so.", "at": now, **fields}
    return ResponseRun.objects.create(response=made, alert=alert, deed="task", says=says, **values)


def task(account: Account, *, now: datetime, **fields: Any) -> Task:
    number = next(_numbers)
    values = {"owner": account.owner, "title": f"Call them {number}", "dedup_key": f"test:{number}", "due_at": now, "created_at": now}
    return Task.objects.create(account=account, **{**values, **fields})


def climb(task: Task, *, now: datetime) -> Escalation:
    """A task on its way up the usual ladder; its first rung is due when its owner has had their time."""
    made = escalation.begin(task, silence=Silence.STAFF, start=now, now=now)
    assert made is not None
    return made


def play(*, says: dict[str, Any] | None = None, state: str = "live", **fields: Any) -> Play:
    """A live play of two steps, started by hand, that holds nobody out; `says` overrides parts of its definition."""
    number = next(_numbers)
    steps = [{"kind": "wait", "minutes": 5}, {"kind": "task", "reason": "call", "title": "Call them", "minutes_needed": 10, "due_in_hours": 24}]
    said = {"trigger": {"kind": "manual"}, "steps": steps, "holdout_percent": 0, **(says or {})}
    values = {"key": f"play-{number}", "name": f"Play {number}", "why": "To test it.", **fields}
    made = interventions.create_play(says=said, actor=ACTOR, now=_LONG_AGO, **values)
    if state != "draft":
        Play.objects.filter(pk=made.pk).update(state=state)
    made.refresh_from_db()
    return made


def milestone(key: str = "", *, criteria: dict[str, Any] | None = None, live_at: datetime | None = _LONG_AGO, **parts: Any) -> Milestone:
    """A live milestone: five reports shared; `parts` override its definition. `live_at=None`: a draft."""
    own = key or f"milestone-{next(_numbers)}"
    said = {
        "words": {"en": {"name": own, "text": "Share what you see."}, "de": {"name": own, "text": "Teilen Sie, was Sie sehen."}},
        "value": "More people decide by the same figures.",
        "criteria": criteria or {"count": "report.shared", "at_least": 5},
        **parts,
    }
    made = milestones.create(key=own, name=own.capitalize(), says=said, actor=ACTOR, now=_LONG_AGO)
    if live_at is not None:
        milestones.turn(made, "live", actor=ACTOR, now=live_at)
    return made


def claimed(account: Account, *, now: datetime) -> Progress:
    """A milestone that a person and a system say the account reached, a trait that is as asked, and a learned pace."""
    number = next(_numbers)
    one = milestone(f"claimed-{number}", criteria={"any": [{"count": "report.shared", "at_least": 5}, {"metric": "arr", "at_least": 1e9}]})
    row = milestones.achieve(account=account, milestone=one, proof="Seen in the call", actor=ACTOR, now=now)
    milestones.achieve(account=account, milestone=one, kind=ClaimKind.API, source="crm", at=now - timedelta(days=3), actor=ACTOR, now=now)
    Held.objects.create(account=account, what="trait:sso:true", since=now)
    Pacing.objects.create(milestone=one, plan="Team", completions=20, behind_days=14, stuck_days=28, as_of=now)
    row.refresh_from_db()
    return row


def rewarded(person: Contact, *, now: datetime) -> RewardClaim:
    """A reward that was granted for what a person did, and everything beside it: tier, streak, badge, redemption, choice, board."""
    number, account = next(_numbers), person.account
    milestones.plan_budget(month=now.date().replace(day=1), amount=Decimal(10_000), actor=ACTOR, now=now)
    paid = {"name": "Shared reports", "on": "activity", "activity": "report.shared", "amount": Decimal(50), "state": "live"}
    rule = milestones.write_rule(key=f"reports-{number}", fields=paid, actor=ACTOR, now=now)
    milestones.write_tier(key=f"tier-{number}", fields={"name": "Bronze", "threshold": Decimal(number) / 100}, actor=ACTOR, now=now)
    badge = milestones.write_badge(key=f"badge-{number}", fields={"name": "First", "given_for": "count", "live": False}, actor=ACTOR, now=now)
    activity_of(person, now - timedelta(minutes=1), name="report.shared")
    milestones.for_activity([account.pk], actor=ACTOR, now=now)
    item = milestones.write_item(key=f"mug-{number}", fields={"name": "A mug", "cost": Decimal(5)}, actor=ACTOR, now=now)
    milestones.redeem(account=account, item=item, idem_key=f"make:{number}", contact=person, actor=ACTOR, now=now)
    milestones.pause_streak(account=account, starts_on=now.date(), ends_on=now.date(), reason="Inventory", actor=ACTOR, now=now)
    milestones.count_streaks([account.pk], now=now)
    BadgeAward.objects.create(badge=badge, account=account, at=now)
    milestones.choose_recognition(contact=person, level="public", actor=ACTOR, now=now)
    board = milestones.write_board(key=f"board-{number}", fields={"name": "Builders", "circle": "team"}, actor=ACTOR, now=now)
    milestones.reckon(board, now=now)
    return RewardClaim.objects.get(rule=rule)


def offered(account: Account, *, now: datetime) -> PathChoice:
    """A next milestone, chosen by a reading of what milestones are worth, with an outcome that was learned from."""
    one = milestone(variants=[{"key": "gentle", "factor": 0.7}, {"key": "standard", "factor": 1.0}])
    milestones.evaluate([account.pk], now=now, actor=ACTOR)
    reading = milestones.read_order(now=now)
    MilestoneValue.objects.create(reading=reading, milestone=one, points=0.1, low=0, high=0.2, shrunk=0.05, reached=30, usual_week=2)
    milestones.offer_next(account_ids=[account.pk], now=now, actor=ACTOR)
    choice = PathChoice.objects.get(account=account)
    DifficultyChoice.objects.filter(account=account).update(reached=False, ended_at=now, due_at=now)
    milestones.learn_outcomes(now=now)
    return choice


def rewrite(play: Play, *, now: datetime, **parts: Any) -> Play:
    """The next version of a play with these parts of its definition changed."""
    interventions.save_version(play, says={**play.current.definition, **parts}, actor=ACTOR, now=now)
    play.refresh_from_db()
    return play


def enrolment(account: Account, *, now: datetime, of: Play | None = None, **fields: Any) -> Enrolment:
    """A run that began at `now` and waits for its first step."""
    chosen = of or play()
    values = {
        "arm": "treated",
        "version": chosen.current,
        "due_at": now,
        "entered_at": now,
        "window_ends_at": now + timedelta(days=30),
    }
    return Enrolment.objects.create(play=chosen, account=account, **{**values, **fields})


def message(contact: Contact, *, now: datetime, **fields: Any) -> Message:
    """A row of the queue as compose() would leave it."""
    number = next(_numbers)
    values = {
        "account": contact.account,
        "contact": contact,
        "channel": "email",
        "address": contact.email,
        "subject": f"Hello {number}",
        "body": "How is it going?",
        "idem_key": f"test:{number}",
        "reply_token": f"token{number}",
        "due_at": now,
        "expires_at": now + timedelta(hours=72),
        "created_at": now,
    }
    return Message.objects.create(**{**values, **fields})


def webhook(url: str = "", *, now: datetime, **fields: Any) -> Webhook:
    """One that wants to know of risks that rise."""
    number = next(_numbers)
    values = {"url": url or f"https://hooks{number}.test/in", "events": ["risk.raised"], **fields}
    return webhooks.create(**values, actor=ACTOR, now=now)[0]


def delivery(to: Webhook, account: Account | None = None, *, now: datetime, **fields: Any) -> WebhookDelivery:
    """A row of the queue that is due."""
    number = next(_numbers)
    row = offers.queued(to, type="risk.raised", data={"n": number}, at=now, now=now, account_id=account.pk if account else None)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return row


def at_once(work: Callable[[int], object], threads: int) -> None:
    """Run `work(number)` in that many threads that start together; the work closes its own database connection."""
    barrier = threading.Barrier(threads)

    def start(number: int) -> None:
        barrier.wait()
        work(number)

    running = [threading.Thread(target=start, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def open_channels() -> None:
    """The kill switches as `prepare` creates them: on."""
    for channel in flags.CHANNELS:
        Switch.objects.get_or_create(name=f"channel.{channel}", defaults={"active": True})


def experiment(*, now: datetime, **plan: Any) -> Experiment:
    """A draft with two variants of a subject line, half and half."""
    values: dict[str, Any] = {
        "key": f"subject-{next(_numbers)}",
        "name": "Short subject line",
        "hypothesis": "A short subject is read on telephones, so more customers come back.",
        "variants": [{"key": "control", "name": "Long subject", "weight": 0.5}, {"key": "short", "name": "Short subject", "weight": 0.5}],
        "metric": "returned",
        "metric_words": "signed in again within 14 days",
        "planned_size": 400,
    }
    return experiments.create(actor=ACTOR, now=now, **{**values, **plan})


def session(account: Account, *, now: datetime, **fields: Any) -> Session:
    """A coaching session that took place an hour ago, with a goal that was read after 7 days and waits to be read after 30."""
    way, _ = Strategy.objects.get_or_create(key="teach", defaults={"name": "Show it", "words": "Show it once."})
    values = {
        "strategy": way,
        "topic": f"Session {next(_numbers)}",
        "state": "follow_up",
        "proposed_at": now - timedelta(days=3),
        "starts_at": now - timedelta(hours=2),
        "begun_at": now - timedelta(hours=2),
        "ended_at": now - timedelta(hours=1),
    }
    made = Session.objects.create(account=account, **{**values, **fields})
    goal = Goal.objects.create(session=made, action="Look at the report", measure="days", target=2, agreed_at=now)
    GoalReading.objects.create(goal=goal, days=7, due_at=now, read_at=now, value=3, reached=True)
    GoalReading.objects.create(goal=goal, days=30, due_at=now + timedelta(days=23))
    return made


def assigned(account: Account, person: Contact, *, now: datetime) -> Experiment:
    """An experiment, a holdout and a decision that know this account."""
    number = next(_numbers)
    one = experiments.start(experiment(now=now), actor=ACTOR, now=now)
    experiments.assign(one, account_ids=[account.pk], now=now, actor=ACTOR)
    experiments.expose(one, account_ids=[account.pk], now=now)
    experiments.record_outcomes(one, outcomes=[Outcome(account.pk, "returned", 1.0, now, f"o{number}")])
    Override.objects.create(experiment=one, account=account, variant="short", reason="They asked", actor=str(ACTOR), at=now)
    until = now + timedelta(days=91)
    drawn = Holdout.objects.create(key=f"play:{number}", share_percent=10, salt=f"h{number}", starts_at=now, ends_at=until, actor=str(ACTOR))
    HoldoutMember.objects.create(holdout=drawn, account=account, held_out=False, stratum="gold", since=now)
    candidates = [Candidate("email", value=30), Candidate("sms", value=30)]
    experiments.choose("channel", key=f"k{number}", account_id=account.pk, contact_id=person.pk, candidates=candidates, now=now, actor=ACTOR)
    ArmCount.objects.create(policy="channel", segment=f"s{number}", arm="email", successes=1, as_of=now)
    SegmentRhythm.objects.create(segment=f"s{number}", hours=[1] * 168, people=1, events=168, as_of=now)
    return one


def recommendation(account: Account, *, now: datetime) -> Recommendation:
    """A tip of one's own that is shown to the account, as the job makes it."""
    words = {"en": {"title": "Open the report", "text": "It shows where the money comes from.", "steps": ["Open Reports."]}}
    says = {"words": words, "target": {"activity": ["report.viewed"]}, "effort_minutes": 10}
    for key in ("first-tip", "second-tip", "third-tip"):
        if not Tip.objects.filter(key=key).exists():
            coaching.turn_tip(coaching.create_tip(key=key, name=key, says=says, actor=ACTOR, now=now), "live", actor=ACTOR, now=now)
    # The least that may be held back, and three slots: one that is shown is near to certain, and the day makes it always the same.
    CoachingRules.objects.get_or_create(pk=1, defaults={"held_percent": 2})
    coaching.recommend([account.pk], now=now, actor=ACTOR)
    row = Recommendation.objects.filter(account=account, held_back=False).order_by("slot").first()
    assert row is not None
    return row


def campaign_read(*, now: datetime, state: str = "live", goal: str = "report.shared", **says: Any) -> Campaign:
    """A campaign whose results are read: it went nowhere by itself, `went_out` writes its audience."""
    number = next(_numbers)
    variants = says.pop("variants", [{"name": "a", "template": "hello"}])
    told = {"when": {"kind": "manual"}, "variants": variants, "holdout_percent": 20, "window_days": 30, **says}
    if goal:
        told.setdefault("goal", {"reached": {"kind": "activity", "name": goal}})
    made = Campaign.objects.create(key=f"campaign-{number}", name=f"Campaign {number}", launched_at=now)
    made.current = CampaignVersion.objects.create(campaign=made, number=1, definition=told, created_at=now, created_by=str(ACTOR))
    made.state = state
    made.save()
    return made


def went_out(
    campaign: Campaign, accounts: list[Account], *, at: datetime, held: int, variant: Callable[[int], str] = lambda _: "a", **fields: Any
) -> Occurrence:
    """One time it went out to these accounts, of which the first `held` are held out. Nobody has a message or a contact in it yet."""
    assert campaign.current is not None
    occurrence = Occurrence.objects.create(
        campaign=campaign, version=campaign.current, key=f"{at:%Y-%m-%dT%H:%M}", state="done", due_at=at, frozen_at=at, done_at=at
    )
    rows = [
        Recipient(
            occurrence=occurrence,
            account=account,
            state="held_out" if index < held else "handed",
            variant="" if index < held else variant(index - held),
            due_at=at,
            **fields,
        )
        for index, account in enumerate(accounts)
    ]
    Recipient.objects.bulk_create(rows)
    return occurrence


def segment_of(*accounts: Account, key: str = "", now: datetime, **fields: Any) -> Segment:
    """A live segment of these accounts, who came in a day ago."""
    number = next(_numbers)
    made = Segment.objects.create(key=key or f"segment-{number}", name=f"Segment {number}", **fields)
    version = SegmentVersion.objects.create(segment=made, number=1, rule={"kind": "listed"}, created_at=now, created_by=str(ACTOR))
    Segment.objects.filter(pk=made.pk).update(state="live", current=version, size=len(accounts))
    Membership.objects.bulk_create(Membership(segment=made, account=one, version=version, entered_at=now - timedelta(days=1)) for one in accounts)
    made.refresh_from_db()
    return made


def segment(key: str, rule: dict[str, Any], *, now: datetime, **fields: Any) -> Segment:
    """A live segment whose first look at everybody is over."""
    made = campaigns.segments.create(key=key, name=fields.pop("name", key.capitalize()), rule=rule, actor=ACTOR, now=now, **fields)
    campaigns.segments.go_live(made, actor=ACTOR, now=now)
    filled(now)
    made.refresh_from_db()
    return made


def campaign(*, says: dict[str, Any] | None = None, live_at: datetime | None = None, **fields: Any) -> Campaign:
    """A campaign that is started by hand, writes the template “news” by email and holds nobody out; live where it says from when."""
    number = next(_numbers)
    said = {"when": {"kind": "manual"}, "variants": [{"name": "a", "template": "news"}], "holdout_percent": 0, "promotion": False, **(says or {})}
    values = {"key": f"campaign-{number}", "name": f"Campaign {number}", **fields}
    made = campaigns.campaigns.create(says=said, actor=ACTOR, now=live_at or _LONG_AGO, **values)
    return campaigns.campaigns.launch(made, actor=ACTOR, now=live_at) if live_at else made


def news(key: str = "news", *, channel: str = "email", locale: str = "en", topic: str = "success", **fields: Any) -> Template:
    """Words that a campaign may take."""
    words = {"subject": "News", "body": "Hello {{ contact.first_name }}.", **fields}
    return Template.objects.create(key=key, channel=channel, locale=locale, topic=topic, **words)


def survey(*, now: datetime, state: str = "live", key: str = "", **says: Any) -> Occurrence:
    """An occurrence of a campaign that asks for the NPS, unless said otherwise."""
    key = key or f"survey-{next(_numbers)}"
    made = Campaign.objects.create(key=key, name=key.capitalize(), kind="survey")
    variants = [{"name": "a", "template": "survey-nps"}]
    definition = {"when": {"kind": "manual"}, "channels": ["email"], "variants": variants, "survey": {"kind": "nps", **says}}
    version = CampaignVersion.objects.create(campaign=made, number=1, definition=definition, created_at=now, created_by=str(ACTOR))
    Campaign.objects.filter(pk=made.pk).update(state=state, current=version)
    made.refresh_from_db()
    return Occurrence.objects.create(campaign=made, version=version, key="2026-03", state="sending", due_at=now)


def asked(person: Contact, *, now: datetime, of: Occurrence | None = None, sent: bool = True, **says: Any) -> Invitation | None:
    """The invitation of a person as the handing over leaves it, its message sent; None where they must not be asked."""
    occurrence = of or survey(now=now, **says)
    row = Recipient.objects.create(occurrence=occurrence, account=person.account, contact=person, due_at=now)
    told = campaigns.surveys.context_for([row], now=now)
    if row.pk not in told:
        return None
    state = {"state": "sent", "sent_at": now, "claimed_at": now} if sent else {}
    row.message = message(person, now=now, topic="surveys", lane="broadcast", **state)
    row.state = "handed"
    row.save()
    campaigns.surveys.follow(now=now)
    return Invitation.objects.get(recipient=row)


def member(account: Account, *, now: datetime, key: str = "", left_at: datetime | None = None) -> Membership:
    """A stay of the account in a live segment."""
    segment = Segment.objects.filter(key=key).first() if key else None
    if segment is None:
        key = key or f"segment-{next(_numbers)}"
        segment = Segment.objects.create(key=key, name=key.capitalize())
        version = SegmentVersion.objects.create(segment=segment, number=1, rule={"kind": "everybody"}, created_at=now, created_by=str(ACTOR))
        Segment.objects.filter(pk=segment.pk).update(current=version, state="live")
        segment.refresh_from_db()
    return Membership.objects.create(segment=segment, account=account, version=segment.current, entered_at=now, left_at=left_at)


def touch(account: Account, *, now: datetime, contact: Contact | None = None, **fields: Any) -> OutsideTouch:
    """A mail that an outside tool delivered."""
    values = {"source": "mailer", "external_id": f"t{next(_numbers)}", "kind": "delivered", "channel": "email", "at": now, "told_at": now}
    return OutsideTouch.objects.create(account=account, contact=contact, **{**values, **fields})


def crowd(count: int, *, prefix: str = "r", **fields: Any) -> list[Account]:
    """Accounts straight into the table: their ledger is of no interest where many are counted."""
    rows = [Account(**{"external_id": f"{prefix}{n}", "name": f"Company {prefix}{n}", "arr": 1_000, **fields}) for n in range(count)]
    return Account.objects.bulk_create(rows)


def did(accounts: list[Account], at: datetime, name: str = "report.shared") -> None:
    """Each did it once, straight into the table."""
    told = [f"{name}-{one.pk}-{at:%m%d%H}" for one in accounts]
    rows = [
        ActivityEvent(account=one, source="test", message_id=key, name=name, at=at, received_at=at) for one, key in zip(accounts, told, strict=True)
    ]
    ActivityEvent.objects.bulk_create(rows)


def reached_by(campaign: Campaign, account: Account, at: datetime, **told: Any) -> Recipient:
    """A delivered message of the campaign, by a service that tells what arrives."""
    person = contact(account)
    said = message(person, now=at, **{"state": "delivered", "sent_at": at, "delivered_at": at, "provider": "anymail", **told})
    occurrence = campaign.occurrences.first() or went_out(campaign, [], at=at, held=0)
    return Recipient.objects.create(occurrence=occurrence, account=account, contact=person, state="handed", message=said, variant="a")


def outside_touch(account: Account, at: datetime, *, kind: str = "delivered", name: str = "Spring", **fields: Any) -> OutsideTouch:
    key = f"{account.pk}-{at:%m%d%H%M}-{kind}"
    return OutsideTouch.objects.create(source="ads", external_id=key, account=account, kind=kind, at=at, campaign_name=name, told_at=at, **fields)


def filled(now: datetime) -> None:
    """First looks of segments carried to their end."""
    while campaigns.segments.fill(now=now, actor=ACTOR):
        pass


def program(*, now: datetime, key: str = "", state: str = "live", **parts: Any) -> ReferralProgram:
    """A referral program for both sides, with this month's and the next months' budgets for it."""
    says = {
        "goes_to": "https://product.test/start",
        "words": {
            "en": {"title": "Harbourlight", "text": "Invoices for practices."},
            "de": {"title": "Harbourlight", "text": "Rechnungen für Praxen."},
        },
        "first_value": {"activity": "report.shared"},
        "advocate": {"unit": "points", "amount": 500},
        "friend": {"unit": "credits", "currency": "USD", "amount": 20},
    }
    made = community.referrals.create(key=key or f"program-{next(_numbers)}", name="Recommend us", says={**says, **parts}, actor=ACTOR, now=now)
    for month in (now.date().replace(day=1), (now.date().replace(day=1) + timedelta(days=32)).replace(day=1)):
        for unit, currency in (("points", ""), ("credits", "USD")):
            milestones.plan_budget(month=month, amount=Decimal(10_000), unit=unit, currency=currency, actor=ACTOR, now=now)
    return community.referrals.turn(made, state, actor=ACTOR, now=now) if state != "draft" else made


def advocate(program: ReferralProgram, *, now: datetime, **fields: Any) -> Advocate:
    """Somebody of a customer of two years who was shown the offer."""
    owner = account(created_at=now - timedelta(days=700), domain=f"advocates{next(_numbers)}.test")
    return community.referrals.join(program, contact=contact(owner, **fields), actor=ACTOR, now=now)


def friend(*, now: datetime, **fields: Any) -> Account:
    """An account that came today."""
    return account(created_at=now, domain=f"friends{next(_numbers)}.test", **fields)


def referral(advocate: Advocate, *, now: datetime, of: Account | None = None, **said: Any) -> Referral:
    """A sign-up by the advocate's code."""
    number = next(_numbers)
    values = {"key": f"signup-{number}", "at": now, "code": advocate.code, "email": f"new{number}@friends{number}.test"}
    if of is not None:
        values["external_id"] = of.external_id
    return community.referrals.sign_up(advocate.program, community.referrals.SignUp(**{**values, **said}), actor=ACTOR, now=now)


def said_of_sharing(contact: Contact, *, now: datetime) -> NamedConsent:
    """A person who may be named, and one thing that they were asked."""
    community.choose(contact, {"named": True}, source="test", actor=ACTOR, now=now)
    return community.ask_to_name(contact=contact, item="case:test", words="Sam says: great", actor=ACTOR, now=now)


def referred(person: Contact, *, now: datetime) -> Referral:
    """A person who recommends us: an invitation, a click, a sign-up that counts and its rewards."""
    given = program(now=now)
    mine = community.referrals.join(given, contact=person, actor=ACTOR, now=now)
    messaging.ensure_templates(now)
    community.referrals.invite(mine, address=f"guest{next(_numbers)}@elsewhere.test", actor=ACTOR, now=now)
    came = friend(now=now)
    made = referral(
        mine, now=now, of=came, code=community.referrals.click(mine, address="8.8.8.8", now=now), coupon="HELLO", payer="card", address="8.8.8.8"
    )
    activity(came, now, name="report.shared")
    community.referrals.look([made.pk], actor=ACTOR, now=now)
    return made


def asked_favour(contact: Contact, *, now: datetime) -> Ask:
    """A moment that was found, the ask that came of it, and a favour."""
    until = now + timedelta(days=14)
    reasons = [{"signal": "milestone", "points": 50, "words": "Reached “First invoices” today"}]
    said = {"account": contact.account, "contact": contact, "kind": "review"}
    found = Moment.objects.create(**said, state="asked", score=50, reasons=reasons, found_at=now, expires_at=until, closed_at=now)
    Favour.objects.create(**said, key=f"f{next(_numbers)}", at=now, source="test")
    return Ask.objects.create(**said, moment=found, state="asked", proposed_at=now, expires_at=until, asked_at=now)


def proved(account: Account, contact: Contact, *, now: datetime) -> Statement:
    """A challenge that somebody is in, and a statement with a number of today."""
    words = {"en": {"name": "Share five", "text": "Share five reports."}}
    days = {"first_day": now.date(), "last_day": now.date() + timedelta(days=6)}
    said = {"name": "Share five", "words": words, "counts": "activity", "activity": "report_shared", "target": 5}
    number = next(_numbers)
    challenge = community.write_challenge(key=f"share-{number}", fields={**said, **days}, actor=ACTOR, now=now)
    community.open_challenge(challenge, actor=ACTOR, now=now)
    entry = ChallengeEntry.objects.create(challenge=challenge, account=account, contact=contact, team=False, joined_at=now)
    ChallengeCount.objects.create(entry=entry, key=f"test:{next(_numbers)}", at=now)
    sentence = {"en": "{number} teams your size shared a report"}
    fields = {"words": sentence, "deed": "lately", "activity": "report_shared", "live": True}
    statement = community.write_statement(key=f"shared-{number}", fields=fields, actor=ACTOR, now=now)
    Published.objects.create(
        statement=statement, version=1, on=now.date(), verdict="published", number=10, counted=12, others=20, behind=[account.pk]
    )
    return statement
