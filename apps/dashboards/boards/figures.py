"""Widgets about metrics. A question that several widgets ask is asked once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from apps.metrics import selectors as metrics
from apps.metrics.types import Figure, Metric, Part, Series, Unit

from . import telling

_LABELS = 40


@dataclass
class Asking:
    """What one reader asks of the registry at one moment."""

    user: Any
    now: datetime
    _figures: dict[tuple[Any, ...], Figure] = field(default_factory=dict)
    _series: dict[tuple[Any, ...], list[Series]] = field(default_factory=dict)
    _parts: dict[tuple[Any, ...], list[Part]] = field(default_factory=dict)

    def foresee(self, wanted: Iterable[tuple[str, Mapping[str, str]]]) -> None:
        """All figures of a dashboard: few statements for each set of filters. One that is unknown is refused later, by itself."""
        groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for key, filters in wanted:
            groups.setdefault(_frozen(filters), []).append(key)
        known = {metric.key for metric in metrics.catalogue(self.user)}
        for frozen, keys in groups.items():
            asked = [key for key in dict.fromkeys(keys) if key in known]
            if asked:
                for key, found in metrics.figures(self.user, asked, now=self.now, filters=dict(frozen)).items():
                    self._figures[key, frozen] = found

    def figure(self, key: str, filters: Mapping[str, str]) -> Figure:
        at = (key, _frozen(filters))
        if at not in self._figures:
            self._figures[at] = metrics.figure(self.user, key, now=self.now, filters=filters)
        return self._figures[at]

    def series(self, key: str, filters: Mapping[str, str], *, days: int, dimension: str = "", ahead: int = 0) -> list[Series]:
        at = (key, _frozen(filters), days, dimension, ahead)
        if at not in self._series:
            end = self.now.date()
            self._series[at] = metrics.series(
                self.user, key, start=end - timedelta(days=days), end=end, now=self.now, filters=filters, dimension=dimension, forecast_days=ahead
            )
        return self._series[at]

    def parts(self, key: str, dimension: str, filters: Mapping[str, str]) -> list[Part]:
        at = (key, dimension, _frozen(filters))
        if at not in self._parts:
            self._parts[at] = metrics.parts(self.user, key, dimension, now=self.now, filters=filters)
        return self._parts[at]


def _frozen(filters: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(filters.items()))


def fitting(metric: Metric, filters: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The filters that this metric can take, and the names of those that it cannot: the widget says so instead of showing something else."""
    return (
        {name: value for name, value in filters.items() if name in metric.dimensions},
        [name for name in filters if name not in metric.dimensions],
    )


def figure(asking: Asking, one: Mapping[str, Any], filters: Mapping[str, str]) -> dict[str, Any]:
    """The value, how it changed over the days chosen, and its line."""
    metric = metrics.metric(one["metrics"][0])
    narrowed, left = fitting(metric, filters)
    found = asking.figure(metric.key, narrowed)
    known = _known(asking.series(metric.key, narrowed, days=one["days"]))
    before = known[0] if known else None
    step = float(found.value) - before[1] if found.value is not None and before else 0.0
    return {
        **_told(metric, found, narrowed, left),
        "delta": telling.changed(found.value, before[1], metric.unit, found.currency) if before else "",
        "since": before[0].isoformat() if before else "",
        "tone": telling.tone(step, metric.better),
        "spark": [value for _, value in known],
        "table": {
            "columns": ["Day", metric.name],
            "rows": [[day.isoformat(), telling.said(value, metric.unit, found.currency)] for day, value in known],
        },
    }


def goal(asking: Asking, one: Mapping[str, Any], filters: Mapping[str, str]) -> dict[str, Any]:
    """How much of the way to the target is done, and whether the pace of the last days is enough."""
    metric = metrics.metric(one["metrics"][0])
    narrowed, left = fitting(metric, filters)
    found = asking.figure(metric.key, narrowed)
    target = float(one["options"]["target"]) / (100 if metric.unit == Unit.SHARE else 1)
    known = _known(asking.series(metric.key, narrowed, days=one["days"]))
    told = _told(metric, found, narrowed, left)
    if found.value is None:
        return told
    value, down = float(found.value), metric.better == "down"
    start = known[0][1] if known else 0.0
    way = target - start
    reached = value <= target if down else value >= target
    share = (
        1.0
        if reached
        else max(0.0, min(1.0, (value - start) / way))
        if way and (down or start)
        else max(0.0, min(1.0, value / target))
        if target
        else 0.0
    )
    words = "reached" if reached else f"{telling.changed(target, value, metric.unit, found.currency).lstrip('+−')} to go"
    if not reached and (by := one["options"]["by"]) and len(known) > 1:
        days = max(1, (known[-1][0] - known[0][0]).days)
        pace, left_days = (known[-1][1] - known[0][1]) / days, (date.fromisoformat(by) - asking.now.date()).days
        needed = (target - value) / max(1, left_days)
        enough = pace <= needed if down else pace >= needed
        words += f" by {by}; " + ("at this pace it will be" if enough else "not at this pace")
    return {
        **told,
        "target": telling.said(target, metric.unit, found.currency),
        "share": round(100 * share, 1),
        "reached": reached,
        "note": words,
        "table": {
            "columns": [metric.name, "Target", "Done"],
            "rows": [[told["value"], telling.said(target, metric.unit, found.currency), f"{100 * share:.0f} %"]],
        },
    }


def line(asking: Asking, one: Mapping[str, Any], filters: Mapping[str, str]) -> dict[str, Any]:
    """Days along the bottom; None where a day is not known, and what is expected with its interval."""
    lines, left_out, dims = [], [], one["dimension"]
    unit, currency = "", ""
    for key in one["metrics"]:
        metric = metrics.metric(key)
        narrowed, left = fitting(metric, filters)
        left_out += left
        split = dims if dims in metric.dimensions and len(one["metrics"]) == 1 else ""
        for series in asking.series(key, narrowed, days=one["days"], dimension=split, ahead=int(one["options"]["ahead"]))[:8]:
            unit, currency = unit or str(metric.unit), currency or series.currency
            lines.append(
                {
                    "label": series.label if split else metric.name,
                    "unit": str(metric.unit),
                    "currency": series.currency,
                    "points": [[point.day.isoformat(), point.value] for point in series.points],
                    "expected": [[each.day.isoformat(), each.value, each.low, each.high] for each in series.expected],
                    "covered": series.covered,
                }
            )
    days = sorted({point[0] for each in lines for point in each["points"]})
    by_line = [dict(each["points"]) for each in lines]
    known = any(value is not None for each in by_line for value in each.values())
    first = metrics.metric(one["metrics"][0])
    return {
        "lines": lines,
        "unit": unit,
        "currency": currency,
        "note": _not_narrowed(left_out),
        "words": first.words,
        "door": telling.door(first.key, fitting(first, filters)[0]),
        "table": {
            "columns": ["Day", *(each["label"] for each in lines)],
            "rows": [
                [day, *(telling.said(found.get(day), each["unit"], each["currency"]) for each, found in zip(lines, by_line, strict=True))]
                for day in reversed(days)
            ],
        },
        "empty": "" if known else "No day of it is known yet. Its line begins today and grows by a point every night.",
    }


def bar(asking: Asking, one: Mapping[str, Any], filters: Mapping[str, str]) -> dict[str, Any]:
    metric = metrics.metric(one["metrics"][0])
    if one["dimension"] not in metric.dimensions:
        return {"empty": f"“{metric.name}” is not known by {one['dimension']}. Choose another split.", "words": metric.words}
    narrowed, left = fitting(metric, filters)
    found = [part for part in asking.parts(metric.key, one["dimension"], narrowed) if part.figure.value is not None]
    found.sort(key=lambda part: -float(part.figure.value or 0))
    shown = found[: int(one["options"]["most"])]
    return {
        "labels": [part.label[:_LABELS] for part in shown],
        "values": [telling.plain(part.figure.value) for part in shown],
        "said": [telling.said(part.figure.value, metric.unit, part.figure.currency) for part in shown],
        "doors": [telling.door(metric.key, narrowed, dimension=one["dimension"], part=part.value) for part in shown],
        "unit": str(metric.unit),
        "currency": shown[0].figure.currency if shown else "",
        "note": " · ".join(filter(None, (f"{len(shown)} of {len(found)}" if len(found) > len(shown) else "", _not_narrowed(left)))),
        "words": metric.words,
        "door": telling.door(metric.key, narrowed),
        "table": {
            "columns": [one["dimension"].capitalize(), metric.name, "Of"],
            "rows": [[part.label, telling.said(part.figure.value, metric.unit, part.figure.currency), part.figure.of or ""] for part in found],
        },
        "empty": "" if shown else "There is nothing to compare with these filters.",
    }


def funnel(asking: Asking, one: Mapping[str, Any], filters: Mapping[str, str]) -> dict[str, Any]:
    """Each step as a share of the first and of the one before."""
    steps: list[dict[str, Any]] = []
    left_out: list[str] = []
    for key in one["metrics"]:
        metric = metrics.metric(key)
        narrowed, left = fitting(metric, filters)
        left_out += left
        found = asking.figure(key, narrowed)
        value = float(found.value) if found.value is not None else None
        first, last = (steps[0]["value"], steps[-1]["value"]) if steps else (value, value)
        steps.append(
            {
                "label": metric.name,
                "value": value,
                "said": telling.said(found.value, metric.unit, found.currency),
                "of_first": round(100 * value / first, 1) if value is not None and first else None,
                "of_last": round(100 * value / last, 1) if value is not None and last else None,
                "href": telling.door(key, narrowed),
            }
        )
    return {
        "steps": steps,
        "note": _not_narrowed(left_out),
        "table": {
            "columns": ["Step", "Value", "Of the first", "Of the step before"],
            "rows": [[each["label"], each["said"], _percent(each["of_first"]), _percent(each["of_last"])] for each in steps],
        },
        "empty": "" if steps and steps[0]["value"] else "The first step has nobody yet.",
    }


def _told(metric: Metric, found: Figure, filters: Mapping[str, str], left: list[str]) -> dict[str, Any]:
    return {
        "value": telling.said(found.value, metric.unit, found.currency),
        "raw": telling.plain(found.value),
        "name": metric.name,
        "of": telling.interval(found, metric.unit),
        "words": metric.words,
        "note": _not_narrowed(left),
        "as_of": found.as_of.isoformat(),
        "door": telling.door(metric.key, filters),
        "table": {"columns": [metric.name], "rows": [[telling.said(found.value, metric.unit, found.currency)]]},
        "empty": found.words or "It is not known yet." if found.value is None else "",
    }


def _known(found: list[Series]) -> list[tuple[date, float]]:
    return [(point.day, float(point.value)) for point in found[0].points if point.value is not None] if found else []


def _not_narrowed(names: list[str]) -> str:
    return f"not narrowed by {', '.join(dict.fromkeys(names))}" if names else ""


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} %"
