"""What a dashboard shows to one reader: one call for all its widgets, each by itself where one of them fails."""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from apps.core.errors import Refused
from apps.core.reading import Reading, gather, read

from . import accounts, figures, happening
from .books import own
from .kinds import FILTERS, KINDS

log = logging.getLogger(__name__)
_Widget = Mapping[str, Any]

_METRICS: dict[str, Callable[[figures.Asking, _Widget, Mapping[str, str]], dict[str, Any]]] = {
    "figure": figures.figure,
    "goal": figures.goal,
    "line": figures.line,
    "bar": figures.bar,
    "funnel": figures.funnel,
}
_TOGETHER: dict[str, Callable[[Any, _Widget, Mapping[str, str], datetime], Reading[dict[str, Any]]]] = {
    "table": accounts.table,
    "scatter": accounts.scatter,
    "distribution": accounts.distribution,
    "cohorts": accounts.cohorts,
    "bands": accounts.bands,
}
_ALONE: dict[str, Callable[[Any, _Widget, Mapping[str, str], datetime], dict[str, Any]]] = {
    "alerts": happening.alerts,
    "feed": happening.the_feed,
    "now": happening.the_hour,
    "plays": happening.plays,
    "system": happening.system,
}
_FAILED = "It could not be read just now. Nothing was changed; it is tried again by itself."


def data(user: Any, widgets: Iterable[_Widget], *, now: datetime, over: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """By the widget's id. `over`: filters of the whole dashboard, which come before a widget's own."""
    listed = list(widgets)
    narrowed = {one["id"]: narrow(user, one, over or {}) for one in listed}
    found: dict[str, dict[str, Any]] = {one["id"]: {"text": one["options"]["text"], "empty": ""} for one in listed if one["kind"] == "text"}
    found |= _of_metrics(user, [one for one in listed if one["kind"] in _METRICS], narrowed, now)
    found |= _read_together(user, [one for one in listed if one["kind"] in _TOGETHER], narrowed, now)
    answers: dict[str, dict[str, Any]] = {}
    for one in listed:
        if reader := _ALONE.get(one["kind"]):
            # Two that ask the same are answered once.
            question = repr((one["kind"], one["options"], sorted(narrowed[one["id"]].items())))
            if question not in answers:
                answers[question] = _tried(one, lambda one=one, reader=reader: reader(user, one, narrowed[one["id"]], now))  # type: ignore[misc]
            found[one["id"]] = answers[question]
    for one in listed:
        found[one["id"]] = {"as_of": now.isoformat(), **found[one["id"]], "kind": one["kind"]}
    return found


def narrow(user: Any, one: _Widget, over: Mapping[str, str]) -> dict[str, str]:
    """A widget's filters with those of the dashboard over them, as far as its kind knows them."""
    known = KINDS[one["kind"]].filters
    return own(user, {**one["filters"], **{name: value for name, value in over.items() if name in known and value}})


def asked_over(query: Mapping[str, Any]) -> dict[str, str]:
    """The filters of the whole dashboard, as they stand in an address."""
    return {name: value for name in FILTERS if (value := str(query.get(name) or "").replace("\x00", "").strip()[:80])}


def _of_metrics(user: Any, widgets: list[_Widget], narrowed: Mapping[str, Mapping[str, str]], now: datetime) -> dict[str, dict[str, Any]]:
    if not widgets:
        return {}
    asking = figures.Asking(user, now)
    wanted = []
    try:
        by_key = {metric.key: metric for metric in figures.metrics.catalogue(user)}
        for one in widgets:
            if one["kind"] in ("figure", "goal", "funnel"):
                wanted += [(key, figures.fitting(by_key[key], narrowed[one["id"]])[0]) for key in one["metrics"] if key in by_key]
        asking.foresee(wanted)
    except Exception:
        # Each is asked by itself then, and says by itself what is wrong.
        log.exception("the figures of a dashboard could not be read together")
    return {one["id"]: _tried(one, lambda one=one: _METRICS[one["kind"]](asking, one, narrowed[one["id"]])) for one in widgets}  # type: ignore[misc]


def _read_together(user: Any, widgets: list[_Widget], narrowed: Mapping[str, Mapping[str, str]], now: datetime) -> dict[str, dict[str, Any]]:
    def reader(one: _Widget) -> Reading[dict[str, Any]]:
        return _TOGETHER[one["kind"]](user, one, narrowed[one["id"]], now)

    if not widgets:
        return {}
    try:
        found = read(gather(*(reader(one) for one in widgets)))
    except Exception:
        log.exception("the widgets of a dashboard could not be read together")
        return {one["id"]: _tried(one, lambda one=one: read(reader(one))) for one in widgets}  # type: ignore[misc]
    return {one["id"]: answer for one, answer in zip(widgets, found, strict=True)}


def _tried(one: _Widget, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What one widget shows; one that fails leaves the others alone."""
    if len(one["metrics"]) < KINDS[one["kind"]].metrics[0]:
        return {"empty": "Choose what it shows: open its settings."}
    try:
        return call()
    except Refused as refusal:
        return {"error": refusal.message, "empty": ""}
    except Exception:
        log.exception("a widget of kind %s could not be read", one["kind"])
        return {"error": _FAILED, "empty": ""}
