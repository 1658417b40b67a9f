"""Random rules of segments, and a small company in which random things happen: everything that any rule looks at."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.accounts.models import Account, ArrMovement, Contact, EventName, SurveyResponse, Ticket
from apps.accounts.services import record_activity
from apps.accounts.types import ActivityItem
from apps.campaigns import services
from apps.campaigns.models import Segment
from apps.churn.models import AccountRisk
from apps.coaching.models import GoalReading
from apps.health.models import AccountHealth
from apps.interventions.models import Enrolment
from apps.messaging.models import Consent
from apps.milestones.models import Milestone, Progress, TierStanding
from tests import make

Kind = services.segments.Kind
NAMES = ("login", "report.made", "report.shared", "ticket.opened", "invoice.failed")
TRAITS = ("sso", "size", "city")
FEATURES = ("silence", "tickets")
MILESTONES = ("first-report", "whole-team")
TIERS = ("silver", "gold")
WINDOWS = (1, 3, 7, 14)


class Rules:
    """Random rule trees; `segments` are keys that they may refer to."""

    def __init__(self, rng: random.Random, segments: tuple[str, ...] = (), plays: tuple[str, ...] = ()) -> None:
        self.rng, self.segments, self.plays = rng, segments, plays

    def tree(self, depth: int = 0) -> dict[str, Any]:
        if depth < 3 and self.rng.random() < (0.85 if depth == 0 else 0.35):
            joint = self.rng.choice(("all", "any", "any", "none", "all"))
            return {joint: [self.tree(depth + 1) for _ in range(self.rng.randint(1, 3))]}
        return self.leaf()

    def leaf(self) -> dict[str, Any]:
        kinds = (*("field", "trait", "did", "last", "sequence", "health", "risk", "driver", "milestone", "tier", "play", "coaching", "revenue"),)
        kinds += ("renewal", "survey", "ticket", "consent", "bucket", "listed", "did", "did", "field", "everybody")
        kind = self.rng.choice((*kinds, "in") if self.segments else kinds)
        return {"kind": kind, **getattr(self, f"_{kind}")()}

    def _op(self, *extra: str) -> str:
        return self.rng.choice(("is", "is_not", "at_least", "at_most", "over", "under", *extra))

    def _number(self, key: str, values: Any) -> dict[str, Any]:
        op = self._op("known", "unknown")
        return {"op": op} if op in ("known", "unknown") else {"op": op, key: self.rng.choice(list(values))}

    def _text(self, values: tuple[str, ...]) -> dict[str, Any]:
        op = self.rng.choice(("is", "is_not", "one_of", "has", "known", "unknown"))
        if op in ("known", "unknown"):
            return {"op": op}
        if op == "one_of":
            return {"op": op, "value": self.rng.sample(values, self.rng.randint(1, len(values)))}
        return {"op": op, "value": self.rng.choice(values)[:3].upper() if op == "has" else self.rng.choice(values)}

    def _everybody(self) -> dict[str, Any]:
        return {}

    def _field(self) -> dict[str, Any]:
        name = self.rng.choice(("arr", "tier", "stage", "segment", "plan", "zone", "tags", "seats", "seats_used_percent", "age_days", "left_days"))
        match name:
            case "arr":
                return {"name": name, **self._number("value", (0, 5_000, 12_000.5, 50_000))}
            case "seats":
                return {"name": name, **self._number("value", (5, 10, 20))}
            case "seats_used_percent":
                return {"name": name, **self._number("value", (0, 33.3, 50, 100))}
            case "age_days":
                return {"name": name, **self._number("value", (0, 10, 20.5, 30, 45))}
            case "left_days":
                return {"name": name, **self._number("value", (0, 3, 10))}
            case "tags":
                op = self.rng.choice(("has", "known", "unknown"))
                return {"name": name, "op": op, **({"value": self.rng.choice(("pilot", "vip"))} if op == "has" else {})}
            case "stage":
                return {"name": name, "op": self.rng.choice(("is", "is_not")), "value": self.rng.choice(("onboarding", "active", "churned"))}
        values = {"tier": TIERS, "segment": ("retail", "Bäckerei", "ΑΘΗΝΑ"), "plan": ("Free", "Team"), "zone": ("UTC", "Europe/Berlin")}[name]
        return {"name": name, **self._text(values)}

    def _trait(self) -> dict[str, Any]:
        name = self.rng.choice(TRAITS)
        match self.rng.randint(0, 3):
            case 0:
                return {"name": name, "op": self.rng.choice(("is", "is_not")), "value": self.rng.random() < 0.5}
            case 1:
                return {"name": name, **self._number("value", (0, 3, 3.5, 1e6))}
            case 2:
                return {"name": name, "op": "one_of", "value": self.rng.choice(([3, 4.25], ["Köln", "3"]))}
        return {"name": name, **self._text(("Köln", "Berlin", "3"))}

    def _acts(self) -> dict[str, Any]:
        return self.rng.choice(({"name": self.rng.choice(NAMES)}, {"name": self.rng.choice(NAMES)}, {"meaning": "core"}, {}))

    def _within(self) -> dict[str, Any]:
        return self.rng.choice(({}, {"within_days": self.rng.choice(WINDOWS)}, {"within_days": self.rng.choice(WINDOWS)}))

    def _did(self) -> dict[str, Any]:
        return {**self._acts(), "op": self._op(), "times": self.rng.randint(0, 6), **self._within()}

    def _last(self) -> dict[str, Any]:
        return {**self._acts(), **self._number("days", (0, 1, 2, 5, 9))}

    def _sequence(self) -> dict[str, Any]:
        return {
            "first": self.rng.choice(NAMES),
            "then": self.rng.choice(NAMES),
            "within_days": self.rng.choice((1, 2, 5)),
            "lately_days": self.rng.choice(WINDOWS),
        }

    def _health(self) -> dict[str, Any]:
        if self.rng.random() < 0.5:
            return {"band": self.rng.choice(("poor", "fair", "good")), "op": self.rng.choice(("is", "is_not"))}
        return self._number("value", (0, 40, 55.5, 70))

    def _risk(self) -> dict[str, Any]:
        if self.rng.random() < 0.5:
            return {"band": self.rng.choice(("low", "medium", "high")), "op": self.rng.choice(("is", "is_not"))}
        return self._number("value", (10, 29, 29.000000000000004, 62))

    def _driver(self) -> dict[str, Any]:
        return {"feature": self.rng.choice(FEATURES)}

    def _milestone(self) -> dict[str, Any]:
        state = self.rng.choice(("reached", "reached", "not_reached", "open", "behind", "stuck"))
        return {"key": self.rng.choice(MILESTONES), "state": state, **(self._within() if state == "reached" else {})}

    def _tier(self) -> dict[str, Any]:
        return {"key": self.rng.choice(("", *TIERS))}

    def _play(self) -> dict[str, Any]:
        state = self.rng.choice(("running", "entered", "ended"))
        return {"key": self.rng.choice(("", *self.plays)), "state": state, **(self._within() if state != "running" else {})}

    def _coaching(self) -> dict[str, Any]:
        return {"reached": self.rng.random() < 0.5, "within_days": self.rng.choice(WINDOWS)}

    def _revenue(self) -> dict[str, Any]:
        return {
            "movement": self.rng.choice(("new", "expansion", "contraction")),
            "op": self._op(),
            "value": self.rng.choice((0, 500, 1_000)),
            "within_days": self.rng.choice(WINDOWS),
        }

    def _renewal(self) -> dict[str, Any]:
        return self._number("days", (-3, 0, 5, 14, 30))

    def _survey(self) -> dict[str, Any]:
        return {"survey": self.rng.choice(("nps", "csat")), **self._number("value", (1, 3, 5, 9)), **self._within()}

    def _ticket(self) -> dict[str, Any]:
        return {"priority": self.rng.choice(("", "p1", ["p1", "p2"])), "open": self.rng.random() < 0.7}

    def _consent(self) -> dict[str, Any]:
        return {"channel": self.rng.choice(("email", "sms")), "topic": self.rng.choice(("success", "news")), "allowed": self.rng.random() < 0.6}

    def _in(self) -> dict[str, Any]:
        return {"segment": self.rng.choice(self.segments)}

    def _bucket(self) -> dict[str, Any]:
        start = self.rng.choice((0, 12.5, 40))
        return {"salt": self.rng.choice(("", "a", "ü")), "from": start, "to": start + self.rng.choice((10, 33.3, 60))}

    def _listed(self) -> dict[str, Any]:
        return {}


class World:
    """Accounts to which everything happens. Each thing that happens marks its account as its handler would."""

    def __init__(self, rng: random.Random, accounts: int, start: datetime) -> None:
        self.rng, self.now, self.number = rng, start, 0
        for name, meaning in {"login": "engagement", "report.made": "core", "report.shared": "core", "ticket.opened": "support"}.items():
            EventName.objects.update_or_create(name=name, defaults={"meaning": meaning})
        self.accounts = [make.account(**self._born()) for _ in range(accounts)]
        self.people = [make.contact(account) for account in self.accounts for _ in range(rng.randint(0, 2))]
        self.milestones = [make.milestone(key) for key in MILESTONES]
        self.plays = [make.play(), make.play()]
        self.touched: dict[Any, set[int]] = {}
        self.items: list[ActivityItem] = []

    def _born(self) -> dict[str, Any]:
        today = self.now.date()
        return {
            "arr": self.rng.choice((0, 4_999, 12_000, Decimal("12000.50"), 80_000)),
            "started_on": self.rng.choice((None, today, today - timedelta(days=20), today + timedelta(days=3))),
            "renews_on": self.rng.choice((None, today, today + timedelta(days=20))),
            "created_at": self.now - timedelta(days=self.rng.choice((1, 18))),
            **self._fields(),
        }

    def _fields(self) -> dict[str, Any]:
        return {
            "tier": self.rng.choice(("", *TIERS)),
            "segment": self.rng.choice(("", "retail", "Retail East", "BÄCKEREI", "αθηνα")),
            "plan": self.rng.choice(("", "Free", "Team", "team plus")),
            "time_zone": self.rng.choice(("UTC", "Europe/Berlin")),
            "tags": self.rng.choice(([], ["pilot"], ["vip", "pilot"])),
            "seats": self.rng.choice((None, 0, 9, 10, 30)),
            "seats_used": self.rng.choice((None, 0, 3, 10)),
            "traits": self.rng.choice(
                ({}, {"sso": True, "size": 3}, {"sso": None, "size": 3.5, "city": "Köln"}, {"size": "3", "city": 3}, {"city": ["Köln"], "sso": False})
            ),
        }

    def step(self, events: int, moves_on: timedelta) -> None:
        """Time goes on, and so many things happen on the way; at the end every mark is made."""
        since, self.touched, self.items = self.now, {}, []
        self.now = since + moves_on
        happenings: list[Callable[[Account, datetime], None]] = [getattr(self, name) for name in dir(self) if name.startswith("does_")]
        hours = int(moves_on.total_seconds() // 3600)
        step = 3 if hours >= 3 else 1
        for _ in range(events):
            at = since + timedelta(hours=self.rng.randrange(0, hours + 1, step))
            account = self.rng.choice(self.accounts)
            if self.rng.random() < 0.85:
                self._act(account, at)
            else:
                self.rng.choice(happenings)(account, at)
        if self.items:
            record_activity(self.items, source="test", now=self.now)
        for kind, accounts in self.touched.items():
            services.segments.mark(sorted(accounts), kinds=kind, now=self.now)

    def _touch(self, kind: Any, account_id: int) -> None:
        self.touched.setdefault(kind, set()).add(account_id)

    def _act(self, account: Account, at: datetime) -> None:
        self.number += 1
        self.items.append(ActivityItem(message_id=f"w{self.number}", name=self.rng.choice(NAMES), at=at, account=account.external_id))
        self._touch(Kind.ACTIVITY, account.pk)

    def does_fields(self, account: Account, at: datetime) -> None:
        today = at.date()
        stage = self.rng.choice(("active", "onboarding", "churned"))
        gone = self.rng.choice((None, today, today - timedelta(days=2), today + timedelta(days=2))) if stage == "churned" else None
        renews = self.rng.choice((None, today + timedelta(days=self.rng.randint(-5, 40))))
        Account.objects.filter(pk=account.pk).update(**self._fields(), stage=stage, churned_on=gone, renews_on=renews)
        self._touch(Kind.FIELDS, account.pk)

    def does_health(self, account: Account, at: datetime) -> None:
        score = self.rng.choice((None, Decimal("12.50"), Decimal("55.50"), Decimal(81)))
        band = "unknown" if score is None else "poor" if score < 40 else "fair" if score < 70 else "good"
        AccountHealth.objects.update_or_create(account=account, defaults={"score": score, "band": band, "as_of": at})
        self._touch(Kind.HEALTH, account.pk)

    def does_risk(self, account: Account, at: datetime) -> None:
        chance = self.rng.choice((None, 0.1, 0.29, 0.62))
        reasons = [{"feature": one, "words": one, "value": 1, "contribution": self.rng.choice((-0.2, 0.0, 0.4))} for one in FEATURES]
        AccountRisk.objects.update_or_create(
            account=account, defaults={"probability": chance, "band": self.rng.choice(("low", "medium", "high")), "reasons": reasons}
        )
        self._touch(Kind.RISK, account.pk)

    def does_milestone(self, account: Account, at: datetime) -> None:
        one: Milestone = self.rng.choice(self.milestones)
        state = self.rng.choice(("open", "achieved"))
        reached = (
            {"achieved_at": at, "noticed_at": at, "found_at": at, "via": "rule"}
            if state == "achieved"
            else dict.fromkeys(("achieved_at", "noticed_at"))
        )
        pace = self.rng.choice(("on_track", "behind", "stuck"))
        Progress.objects.filter(account=account, milestone=one).delete()
        Progress.objects.create(
            account=account, milestone=one, version=one.current, state=state, pace=pace, opened_at=at, behind_at=at, stuck_at=at, **reached
        )
        self._touch(Kind.MILESTONES, account.pk)

    def does_tier(self, account: Account, at: datetime) -> None:
        TierStanding.objects.update_or_create(account=account, defaults={"tier": self.rng.choice(("", *TIERS)), "judged_at": at})
        self._touch(Kind.TIER, account.pk)

    def does_play(self, account: Account, at: datetime) -> None:
        play = self.rng.choice(self.plays)
        running = Enrolment.objects.filter(play=play, account=account).exclude(state="ended").first()
        if running is None:
            make.enrolment(account, now=at, of=play, arm=self.rng.choice(("treated", "held_out")))
        else:
            Enrolment.objects.filter(pk=running.pk).update(state="ended", exit_reason="finished", ended_at=max(at, running.entered_at))
        self._touch(Kind.PLAYS, account.pk)

    def does_coaching(self, account: Account, at: datetime) -> None:
        held = make.session(account, now=at)
        GoalReading.objects.filter(goal__session=held).update(read_at=at, value=1.0, reached=self.rng.random() < 0.5)
        self._touch(Kind.COACHING, account.pk)

    def does_revenue(self, account: Account, at: datetime) -> None:
        self.number += 1
        kind = self.rng.choice(("expansion", "contraction"))
        day = at.date() + timedelta(days=self.rng.choice((0, 0, 0, -2, 2)))
        amount = self.rng.choice((500, 700)) * (1 if kind == "expansion" else -1)
        said = {"source": "test", "actor": "job:test", "recorded_at": at, "idem_key": f"world:{self.number}"}
        row = ArrMovement.objects.create(account=account, kind=kind, amount=amount, currency="USD", effective_on=day, **said)
        if self.rng.random() < 0.2:
            back = {**said, "idem_key": f"world:back:{self.number}"}
            ArrMovement.objects.create(account=account, kind=kind, amount=-amount, currency="USD", effective_on=day, reverses=row, **back)
        self._touch(Kind.FIELDS, account.pk)

    def does_survey(self, account: Account, at: datetime) -> None:
        self.number += 1
        kind = self.rng.choice(("nps", "csat"))
        score = self.rng.choice((1, 3, 5))
        SurveyResponse.objects.create(account=account, source="test", external_id=f"w{self.number}", kind=kind, score=score, at=at)
        self._touch(Kind.SURVEYS, account.pk)

    def does_ticket(self, account: Account, at: datetime) -> None:
        self.number += 1
        waiting = Ticket.objects.filter(account=account, solved_at=None, opened_at__lt=at).first()
        if waiting is not None and self.rng.random() < 0.6:
            Ticket.objects.filter(pk=waiting.pk).update(state="solved", solved_at=at)
        else:
            Ticket.objects.create(
                account=account, source="test", external_id=f"w{self.number}", opened_at=at, priority=self.rng.choice(("p1", "p2", "p3", "p4"))
            )
        self._touch(Kind.TICKETS, account.pk)

    def does_consent(self, account: Account, at: datetime) -> None:
        mine = [person for person in self.people if person.account_id == account.pk]
        if not mine:
            return
        person = self.rng.choice(mine)
        if self.rng.random() < 0.3:
            gone = self.rng.choice((None, at.date(), at.date() + timedelta(days=2)))
            Contact.objects.filter(pk=person.pk).update(departed_on=gone)
        else:
            said = {"channel": self.rng.choice(("email", "sms")), "topic": self.rng.choice(("success", "news")), "allowed": self.rng.random() < 0.5}
            Consent.objects.create(contact=person, source="test", at=at, **said)
        self._touch(Kind.CONTACTS, account.pk)

    def does_listing(self, account: Account, at: datetime) -> None:
        segment = Segment.objects.filter(state="live", current__rule__icontains="listed").order_by("?").first()
        if segment is not None:
            services.segments.list_accounts(segment, **{self.rng.choice(("add", "remove")): [account.pk]}, actor=make.ACTOR, now=self.now)
