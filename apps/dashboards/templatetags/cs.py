"""How figures are written, the same on every page."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Account
from apps.alerts.models import Alert

from .. import saying
from ..saying import money
from ..selectors import risk
from ..types import SEVERITY_WORDS, RiskView

register = template.Library()
for _say in (saying.money, saying.exact, saying.signed, saying.day_words, saying.renewal):
    register.filter(_say.__name__, _say)


@register.filter
def money_sum(by_currency: dict[str, Decimal]) -> str:
    """The largest sum, and how many other currencies there are: sums of different currencies are never added up."""
    if not by_currency:
        return "–"
    currency, amount = max(by_currency.items(), key=lambda item: item[1])
    more = len(by_currency) - 1
    return money(amount, currency) + (f" + {more} other {'currency' if more == 1 else 'currencies'}" if more else "")


@register.filter
def minutes(count: int) -> str:
    """200 -> 3 h 20."""
    hours, rest = divmod(int(count), 60)
    return f"{rest} min" if not hours else f"{hours} h {rest:02d}" if rest else f"{hours} h"


@register.filter
def fact_door(fact: dict[str, Any], account_id: int) -> str:
    """What opens the raw events behind a fact of a task, or nothing."""
    kind, _, key = str(fact.get("about", "")).partition(":")
    if not key.isdigit():
        return ""
    account = reverse("account", args=[account_id])
    doors = {
        "prediction": f"{account}?tab=risk",
        "message": f"{account}?kind=message",
        "ticket": f"{account}?kind=ticket",
        "alert": f"{account}?kind=alert",
    }
    return doors.get(kind, f"{account}?kind=play" if kind == "enrolment" else "")


@register.filter
def fact_about(fact: Any, account_id: int) -> str:
    """What opens a fact of coaching: the record it is about, or nothing where its events are listed beside it."""
    kind, _, key = fact.about.partition(":")
    if kind == "event" and key.isdigit():
        return reverse("admin:events_event_change", args=[key])
    if kind in ("promise", "renewal") and key.isdigit():
        return reverse("account", args=[account_id])
    return fact_door({"about": fact.about}, account_id)


@register.filter
def share(value: Decimal | float | None) -> str:
    """0.795 -> 79.5 %; nothing to divide by: cannot tell."""
    return "cannot tell" if value is None else f"{float(value) * 100:.1f} %"


@register.filter
def ratio(value: Decimal | None) -> str:
    return "nothing lost" if value is None else f"{float(value):.1f}"


@register.filter
def money_signed(amount: Decimal | None, currency: str = "USD") -> str:
    return "–" if not amount else f"{'+' if amount > 0 else '−'}{money(abs(amount), currency)}"


@register.filter
def exact_signed(amount: Decimal | None, currency: str = "USD") -> str:
    return "" if amount is None else f"{'+' if amount > 0 else '−'}{abs(amount):,.2f} {currency}"


@register.filter
def unlocalized(number: float) -> str:
    """For attributes of drawings, which know the point only."""
    return str(number)


@register.filter
def thousands(count: int) -> str:
    return f"{count:,}"


@register.filter
def for_page(words: str) -> str:
    """What an import says to somebody who has boxes to tick instead of options to type."""
    return (
        words.replace("with --skip-bad-rows", "by leaving bad rows out")
        .replace("say --encoding", "choose the encoding")
        .replace("--dates", "the order of days")
    )


@register.filter
def iso(moment: datetime | date | None) -> str:
    return "" if moment is None else moment.isoformat()


@register.filter
def ago(moment: datetime | None, now: datetime) -> str:
    """2 h ago, in 3 days: the words that ago.js keeps fresh."""
    if moment is None:
        return "never"
    seconds = (now - moment).total_seconds()
    size, word = _span(abs(seconds))
    if size == "":
        return "now"
    return f"{size} {word} ago" if seconds >= 0 else f"in {size} {word}"


@register.filter
def lower_first(words: str) -> str:
    """Within a sentence."""
    return words[:1].lower() + words[1:]


@register.filter
def lasting(seconds: float | None) -> str:
    size, word = _span(float(seconds or 0))
    return f"{size} {word}" if size else "0 s"


def _span(seconds: float) -> tuple[str, str]:
    for limit, length, word in (
        (1, 1, ""),
        (60, 1, "s"),
        (3600, 60, "min"),
        (86_400, 3600, "h"),
        (86_400 * 60, 86_400, "d"),
        (86_400 * 730, 86_400 * 30.44, "months"),
    ):
        if seconds < limit:
            return ("", "") if word == "" else (str(int(seconds // length)), word)
    return (str(int(seconds // (86_400 * 365.25))), "years")


@register.filter
def at_words(moment: datetime | None) -> str:
    """The whole moment in the reader's zone, for titles."""
    return "" if moment is None else timezone.localtime(moment).strftime("%a %-d %b %Y %H:%M:%S %Z")


@register.filter
def share_of(part: int, whole: int) -> str:
    """3 of 80: 3.8 %; whole per cents where the tenth says nothing."""
    per_cent = 100 * part / whole if whole else 0.0
    return f"{per_cent:.0f} %" if per_cent in (0.0, 100.0) or whole < 100 else f"{per_cent:.1f} %"


@register.filter
def date_there(moment: datetime) -> str:
    """The moment as it stands, on somebody else's clock: templates would turn it into the reader's zone."""
    return moment.strftime("%a %H:%M")


@register.filter
def overdue(due: datetime, now: datetime) -> str:
    """How long past its day something is, in the reader's days; empty on its day and before."""
    days = (now.date() - due.astimezone(now.tzinfo).date()).days
    return f"{days} d" if days > 0 else ""


@register.filter
def moment_words(moment: datetime | date | None) -> str:
    """The day, and the hour where it is known, in the reader's zone."""
    if isinstance(moment, datetime):
        return timezone.localtime(moment).strftime("%-d %b %H:%M")
    return "" if moment is None else moment.strftime("%-d %b %Y")


@register.filter
def points(change: Decimal | float | None) -> str:
    """A signed change in points: +6, −3.5."""
    if change is None:
        return "–"
    words = f"{float(change):+.1f}".rstrip("0").rstrip(".")
    return "±0" if float(change) == 0 else words.replace("-", "−")


@register.filter
def per_hundred(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f}"


@register.filter
def hundredths(value: int | None) -> str:
    return "–" if value is None else f"{value / 100:.1f}"


@register.filter
def item(found: dict[Any, Any], key: Any) -> Any:
    return found.get(key)


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The present address with some parameters changed; None removes one, and a new order or filter starts at page one."""
    params = context["request"].GET.copy()
    params.pop("part", None)
    for name, value in changes.items():
        if value in (None, ""):
            params.pop(name, None)
        else:
            params[name] = str(value)
    words = params.urlencode()
    return f"?{words}" if words else "?"


@register.filter
def severity_tone(severity: str) -> str:
    return {"urgent": "bad", "warning": "warn"}.get(severity, "info")


@register.filter
def severity_word(severity: str) -> str:
    return SEVERITY_WORDS.get(severity, severity)


@register.filter
def risk_of(account: Account | None) -> RiskView | None:
    return risk.of(account) if account else None


@register.filter
def alert_door(alert: Alert) -> str:
    """Where the matter is looked at: its account, or for what is about the platform itself, its models."""
    if alert.account_id:
        return reverse("account", args=[alert.account_id])
    if alert.kind == "system":
        return reverse("system")
    # Providers of messages are looked at on the page of channels.
    return reverse("channels") if alert.kind == "provider" else reverse("admin:churn_modelversion_changelist")
