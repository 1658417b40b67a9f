"""Widgets about accounts one by one or by their spread. Each is a reader, so that a whole dashboard asks for them in the same statements."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Sum
from django.urls import reverse

from apps.churn.types import Band
from apps.core.reading import Reading, Rows

from ..saying import exact, money, renewal
from ..selectors import orders, risk
from .books import book

DOTS = 300
_BARS = 20
_ARR_EDGES = (0, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)
_QUARTERS = 10
_SPREAD = """
select {bucket}, currency, count(*), sum(arr) from ({book}) book where v is not null group by 1, 2 order by 1, 2
"""
_COHORTS = """
select date_trunc('quarter', started_on)::date, case when churned_on is null then null
    else greatest(0, (extract(year from churned_on) - extract(year from started_on)) * 4
        + extract(quarter from churned_on) - extract(quarter from started_on)) end::int, count(*)
from ({book}) book group by 1, 2 order by 1, 2
"""


def portfolio_door(filters: Mapping[str, str], **more: str) -> str:
    known = {name: filters.get(name, "") for name in ("owner", "band", "stage")}
    asked = {name: value for name, value in {**known, **more}.items() if value}
    return reverse("portfolio") + (f"?{urlencode(asked)}" if asked else "")


def table(user: Any, one: Mapping[str, Any], filters: Mapping[str, str], now: datetime) -> Reading[dict[str, Any]]:
    """Accounts in the order asked for, each with risk, ARR, renewal and the first reason."""
    rank = str(one["options"]["rank"])
    rows = book(user, filters).select_related("risk", "owner").defer("traits")
    sort = "-stake" if rank == "stake" else rank
    found = orders.walk(rows, sort, None)[: int(one["options"]["most"])]
    yield found
    today = now.date()
    lines = []
    for account in found:
        view = risk.of(account)
        lines.append(
            {
                "name": account.name,
                "href": reverse("account", args=[account.pk]),
                "risk": {"band": view.band, "word": view.word, "shown": view.shown} if view else None,
                "arr": money(account.arr, account.currency),
                "renewal": renewal((account.renews_on - today).days) if account.renews_on else "–",
                "why": (view.raising[0] if view and view.raising else ""),
                "owner": str(account.owner) if account.owner else "nobody",
            }
        )
    return {
        "lines": lines,
        "door": portfolio_door(filters, sort=sort),
        "table": {
            "columns": ["Account", "Risk", "ARR", "Renewal", "Why", "Owner"],
            "rows": [
                [each["name"], each["risk"]["shown"] if each["risk"] else "–", each["arr"], each["renewal"], each["why"], each["owner"]]
                for each in lines
            ],
        },
        "empty": "" if lines else "No account is in this book with these filters.",
    }


def scatter(user: Any, one: Mapping[str, Any], filters: Mapping[str, str], now: datetime) -> Reading[dict[str, Any]]:
    """The largest customers that are scored, as dots."""
    rows = book(user, filters).filter(risk__probability__isnull=False)
    found = orders.walk(rows, "-arr", None).values_list("pk", "name", "arr", "currency", "risk__probability", "risk__band")[:DOTS]
    yield found
    dots = [
        {"name": name, "href": reverse("account", args=[pk]), "arr": float(arr), "currency": currency, "risk": round(100 * chance), "band": band}
        for pk, name, arr, currency, chance, band in found
    ]
    return {
        "dots": dots,
        "note": f"the {DOTS} largest" if len(dots) == DOTS else "",
        "door": portfolio_door(filters, sort="-stake"),
        "table": {
            "columns": ["Account", "ARR", "Risk of 100"],
            "rows": [
                [each["name"], exact(each["arr"], each["currency"]), each["risk"]] for each in sorted(dots, key=lambda dot: -dot["arr"] * dot["risk"])
            ],
        },
        "empty": "" if dots else "No account here is scored yet.",
    }


def distribution(user: Any, one: Mapping[str, Any], filters: Mapping[str, str], now: datetime) -> Reading[dict[str, Any]]:
    """How many accounts stand where, with their ARR; the limit is moved in the browser."""
    measure = one["options"]["measure"]
    path, bucket = {
        "health": ("health__score", f"least({_BARS - 1}, floor(v / 5))::int"),
        "risk": ("risk__probability", f"least({_BARS - 1}, floor(v * {_BARS}))::int"),
        "arr": ("arr", f"width_bucket(v, array[{', '.join(map(str, _ARR_EDGES))}]::numeric[]) - 1"),
    }[measure]
    inner = book(user, filters).order_by().annotate(v=F(path)).values("v", "arr", "currency")
    sql, params = inner.query.sql_with_params()
    rows = Rows(_SPREAD.format(bucket=bucket, book=sql), params)
    yield rows
    edges = list(_ARR_EDGES) if measure == "arr" else [5 * place for place in range(_BARS)]
    counts, arr = [0] * len(edges), [defaultdict(float) for _ in edges]  # type: ignore[var-annotated]
    for place, currency, count, total in rows:
        counts[place] += count
        arr[place][currency] += float(total)
    top = [*edges[1:], None if measure == "arr" else 100]
    labels = [_span(low, high, measure) for low, high in zip(edges, top, strict=True)]
    return {
        "measure": measure,
        "edges": edges,
        "labels": labels,
        "counts": counts,
        "arr": [dict(each) for each in arr],
        "limit": float(one["options"]["limit"]),
        "unit": {"health": "points", "risk": "of 100", "arr": "ARR"}[measure],
        "door": portfolio_door(filters, sort="health" if measure == "health" else "-risk" if measure == "risk" else "-arr"),
        "table": {
            "columns": [measure.capitalize() if measure != "arr" else "ARR", "Accounts", "Their ARR"],
            "rows": [
                [label, count, " · ".join(money(amount, currency) for currency, amount in total.items()) or "–"]
                for label, count, total in zip(labels, counts, arr, strict=True)
            ],
        },
        "empty": "" if sum(counts) else "Nothing is known of it for these accounts yet.",
    }


def _span(low: float, high: float | None, measure: str) -> str:
    if measure != "arr":
        return f"{low:.0f}–{high:.0f}"
    return f"{money(low, '')}–{money(high, '')}".replace(" ", "") if high else f"over {money(low, '').strip()}"


def cohorts(user: Any, one: Mapping[str, Any], filters: Mapping[str, str], now: datetime) -> Reading[dict[str, Any]]:
    """Of those who began in a quarter, the share that was still there so many quarters later."""
    inner = book(user, filters, gone=True).filter(started_on__isnull=False, started_on__lte=now.date()).order_by().values("started_on", "churned_on")
    sql, params = inner.query.sql_with_params()
    rows = Rows(_COHORTS.format(book=sql), params)
    yield rows
    began: dict[date, int] = defaultdict(int)
    left: dict[tuple[date, int], int] = defaultdict(int)
    for quarter, after, count in rows:
        began[quarter] += count
        if after is not None:
            left[quarter, after] += count
    here = _quarter(now.date())
    lines = []
    for quarter in sorted(began)[-_QUARTERS:]:
        there, shares = began[quarter], []
        for after in range(min(here - _quarter(quarter), _QUARTERS - 1) + 1):
            there -= left[quarter, after]
            shares.append(round(there / began[quarter], 4))
        lines.append({"label": f"{quarter.year} Q{(quarter.month + 2) // 3}", "began": began[quarter], "shares": shares})
    widest = max((len(each["shares"]) for each in lines), default=0)  # type: ignore[arg-type]
    return {
        "lines": lines,
        "widest": widest,
        "note": "share still there at the end of each quarter; the last one is not over",
        "door": portfolio_door(filters),
        "table": {
            "columns": ["Began", "Customers", *(f"+{after} q" for after in range(widest))],
            "rows": [[each["label"], each["began"], *(f"{100 * share:.0f} %" for share in each["shares"])] for each in lines],  # type: ignore[attr-defined]
        },
        "empty": "" if lines else "No customer with a first day is in this book.",
    }


def _quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3


def bands(user: Any, one: Mapping[str, Any], filters: Mapping[str, str], now: datetime) -> Reading[dict[str, Any]]:
    """Customers by risk band, and their ARR."""
    found = (
        book(user, filters)
        .filter(risk__probability__isnull=False)
        .order_by()
        .values_list("risk__band", "currency")
        .annotate(accounts=Count("pk"), total=Sum("arr"))
    )
    yield found
    counts: dict[str, int] = defaultdict(int)
    arr: dict[str, dict[str, float]] = defaultdict(dict)
    for band, currency, accounts, total in found:
        counts[band] += accounts
        arr[band][currency] = float(total)
    all_of_them = sum(counts.values())
    lines = [
        {
            "label": "Watch" if band == Band.MEDIUM else f"{band.label.capitalize()} risk",
            "tone": tone,
            "count": counts[band],
            "share": round(100 * counts[band] / all_of_them) if all_of_them else 0,
            "arr": " · ".join(money(amount, currency) for currency, amount in sorted(arr[band].items())) or "–",
            "href": portfolio_door(filters, band=band.value),
        }
        for band, tone in ((Band.HIGH, "bad"), (Band.MEDIUM, "warn"), (Band.LOW, "good"))
    ]
    return {
        "lines": lines,
        "door": portfolio_door(filters),
        "table": {"columns": ["Risk", "Customers", "ARR"], "rows": [[each["label"], each["count"], each["arr"]] for each in lines]},
        "empty": "" if all_of_them else "No account here is scored yet.",
    }
