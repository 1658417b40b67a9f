"""Widgets about what happens: alerts, the feed, the last hour, plays, and whether everything runs."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, IntegerField, Value, When
from django.urls import reverse

from apps.accounts.models import Account
from apps.alerts.models import Alert
from apps.alerts.types import AlertState, Severity
from apps.events.models import Event

from ..selectors import board, feed
from ..templatetags.cs import alert_door, lasting, severity_tone, severity_word
from .books import book

STEP, STEPS = 5, 12
_BATCHES, _BUSIEST, _LOOKED_AT = 400, 12, 2_000
_FIRST = Case(
    When(severity=Severity.URGENT, then=Value(0)), When(severity=Severity.WARNING, then=Value(1)), default=Value(2), output_field=IntegerField()
)


def alerts(user: Any, one: Mapping[str, Any], filters: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Unresolved alerts that are not asleep, the most urgent first."""
    rows = Alert.objects.unresolved().exclude(state=AlertState.SNOOZED).for_user(user).select_related("account")
    if filters:
        rows = rows.filter(account__in=book(user, filters))
    severity = one["options"]["severity"]
    if severity:
        rows = rows.filter(severity__in=[Severity.URGENT] if severity == Severity.URGENT else [Severity.URGENT, Severity.WARNING])
    most = int(one["options"]["most"])
    found = list(rows.order_by(_FIRST, "-opened_at", "-id")[: most + 1])
    lines = [
        {
            "tone": severity_tone(alert.severity),
            "word": severity_word(alert.severity),
            "name": alert.account.name if alert.account else "The platform",
            "href": alert_door(alert),
            "title": str(alert.why[0]) if alert.kind == "risk" and alert.why else alert.title,
            "at": alert.opened_at.isoformat(),
            "state": "" if alert.state == AlertState.OPEN else str(alert.get_state_display()),
        }
        for alert in found[:most]
    ]
    return {
        "lines": lines,
        "note": f"the first {most}" if len(found) > most else "",
        "door": reverse("alerts"),
        "table": {
            "columns": ["Severity", "Account", "Alert", "Since", "State"],
            "rows": [[each["word"], each["name"], each["title"], each["at"][:16].replace("T", " "), each["state"] or "open"] for each in lines],
        },
        "empty": "" if lines else "No alert is open. That is the good news.",
    }


def the_feed(user: Any, one: Mapping[str, Any], filters: Mapping[str, str], now: datetime) -> dict[str, Any]:
    lines = [
        {
            "tone": line.tone,
            "icon": line.icon,
            "name": line.account if line.account_id else "",
            "href": reverse("account", args=[line.account_id]) if line.account_id else "",
            "title": line.words,
            "at": line.at.isoformat(),
        }
        for line in feed.newest(user, limit=int(one["options"]["most"]))
    ]
    return {
        "lines": lines,
        "table": {
            "columns": ["When", "Account", "What"],
            "rows": [[each["at"][:16].replace("T", " "), each["name"], each["title"]] for each in lines],
        },
        "empty": "" if lines else "Nothing has happened yet. Activity that comes in shows here within a second.",
    }


def the_hour(user: Any, one: Mapping[str, Any], filters: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """The busiest accounts of the last hour, by how many batches of activity came in each five minutes; of the newest 400 batches."""
    since = now - timedelta(minutes=STEP * STEPS)
    batches = [
        (at, payload.get("account_ids") or [payload.get("account_id")])
        for at, payload in Event.objects.filter(type="activity.received").order_by("-id").values_list("at", "payload")[:_BATCHES]
        if at > since
    ]
    totals = Counter(account_id for _, ids in batches for account_id in ids)
    ids = [account_id for account_id, _ in totals.most_common(_LOOKED_AT)]
    mine = dict(Account.objects.for_user(user).filter(pk__in=ids).values_list("pk", "name")) if ids else {}
    steps: Counter[tuple[int, int]] = Counter()
    for at, ids_then in batches:
        step = min(STEPS - 1, int((at - since).total_seconds() // (60 * STEP)))
        for account_id in ids_then:
            if account_id in mine:
                steps[account_id, step] += 1
    busiest = [account_id for account_id in ids if account_id in mine][:_BUSIEST]
    lines = [
        {"name": mine[account_id], "href": reverse("account", args=[account_id]), "counts": [steps[account_id, step] for step in range(STEPS)]}
        for account_id in busiest
    ]
    return {
        "lines": lines,
        "step": STEP,
        "note": f"{len(mine):,} active in the last hour" + (f", the {_BUSIEST} busiest shown" if len(mine) > _BUSIEST else ""),
        "table": {
            "columns": ["Account", *(f"{STEP * (STEPS - step)} min ago" for step in range(STEPS))],
            "rows": [[each["name"], *each["counts"]] for each in lines],
        },
        "empty": "" if lines else "Nobody was active in the last hour. Activity shows here as it comes in.",
    }


def plays(user: Any, one: Mapping[str, Any], filters: Mapping[str, str], now: datetime) -> dict[str, Any]:
    found = board.plays(user, now)["plays"]
    rows = [
        [each["play__name"], each["running"], each["held_out"], f"{each['goal']} of {each['ended']}" if each["ended"] else "none ended"]
        for each in found
    ]
    return {
        "door": reverse("plays"),
        "table": {"columns": ["Play", "Running", "Held out", "Goal or reply, 30 d"], "rows": rows},
        "empty": "" if rows else "No account has entered a play yet.",
    }


def system(user: Any, one: Mapping[str, Any], filters: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """How far behind each queue is, and jobs that failed."""
    found = board.lag(user, now)
    lines = [
        {
            "title": queue["title"],
            "count": queue["n"],
            "tone": queue["tone"],
            "word": f"oldest {lasting(queue['seconds'])}" if queue["n"] else "none waits",
        }
        for queue in found["queues"]
    ]
    failed = [job for job in found["jobs"] if job.last_failure_at and (job.last_success_at is None or job.last_failure_at > job.last_success_at)]
    lines.append(
        {
            "title": "Jobs",
            "count": len(found["jobs"]),
            "tone": "bad" if failed else "good",
            "word": f"{len(failed)} failed" if failed else "none failed",
        }
    )
    if found["given_up"]:
        lines.append({"title": "Given up", "count": found["given_up"], "tone": "bad", "word": "look at them"})
    worst = "bad" if any(each["tone"] == "bad" for each in lines) else "warn" if any(each["tone"] == "warn" for each in lines) else "good"
    return {
        "lines": lines,
        "verdict": {"tone": worst, "word": {"bad": "Something stands still", "warn": "Slower than usual", "good": "Everything runs"}[worst]},
        "table": {"columns": ["What", "Waiting", "State"], "rows": [[each["title"], each["count"], each["word"]] for each in lines]},
        "empty": "",
    }
