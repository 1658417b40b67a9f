"""What a model is worth on rows that it did not learn from: figures beside doing nothing, pictures, parts of the accounts, and what it leans on."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .dataset import Dataset
from .registry import DATED, NAME, TRAIT, describe, plain
from .scoring import encoding, engine, measures, rule

_DRAWS = 200
_GROUPS, _POINTS = 10, 40
# A part of the accounts with fewer rows is not told apart.
_LEAST_ROWS = 60
_MOST_VALUES = 6
# Shuffling is dear and a sample of the rows tells as much.
_MOST_ROWS = 8_000
_SHUFFLES = 5
_MOST_DRIVERS = 20

# What a family of features is called where its members are told together.
_FAMILIES = {
    "level": "How much it is used",
    "trend": "Whether use rises or falls",
    "active days": "Days with activity",
    "breadth": "Kinds of activity",
    "silence": "Time without activity",
    "tenure": "Time as a customer",
    "renewal": "Nearness of the renewal",
    "support": "Support problems",
    "payment": "Payment problems",
    "leaving": "Signs of leaving",
    "tickets": "Tickets",
    "answers": "How soon tickets are answered",
    "nps": "NPS",
    "csat": "CSAT",
    "invoices": "Unpaid and failed invoices",
    "people": "People known there",
    "words": "Time since words were exchanged",
    "messages": "Messages sent, opened and answered",
    "health": "Health",
    "size": "Revenue and seats",
    "plan": "Plan",
}


def about(data: Dataset, learn: np.ndarray, test: np.ndarray) -> dict[str, float]:
    """The denominators of every figure: how many rows, accounts and leavers it was learned from and proved on."""
    labels = data.labels[test]
    base = float(labels.mean())
    return {
        "base_rate": base,
        "majority": max(base, 1 - base),
        "rows": float(len(labels)),
        "accounts": float(len(np.unique(data.accounts[test]))),
        "churned_accounts": float(data.leavers(test)),
        "rows_learned": float(learn.sum()),
        "churned_accounts_learned": float(data.leavers(learn)),
    }


def of_model(data: Dataset, test: np.ndarray, chances: np.ndarray, *, nothing: float) -> dict[str, float]:
    """Figures of probabilities on the rows to prove on. `nothing` is the Brier score of the same chance for everybody."""
    labels, when = data.labels[test], data.when[test]
    found = measures.figures(labels, chances, when, probabilities=True)
    drawn = measures.drawn_auc(labels, chances, when, measures.draws(data.accounts[test], _DRAWS))
    leavers = data.leavers(test)
    return found | {
        "auc_low": float(np.quantile(drawn, 0.025)),
        "auc_high": float(np.quantile(drawn, 0.975)),
        "chance_error": measures.chance_error(leavers, max(1, len(np.unique(data.accounts[test])) - leavers)),
        "brier_skill": 1 - found["brier"] / nothing if nothing else 0.0,
        "calibration_noise": measures.calibration_noise(chances),
        "predicted_over_actual": float(chances.mean() / labels.mean()),
        "accuracy": float(((chances >= 0.5) == (labels == 1)).mean()),
    }


def of_rule(data: Dataset, test: np.ndarray, parameters: Mapping[str, Any]) -> dict[str, float]:
    return measures.figures(data.labels[test], rule_ranks(data, test, parameters), data.when[test], probabilities=False)


def rule_ranks(data: Dataset, test: np.ndarray, parameters: Mapping[str, Any]) -> np.ndarray:
    """The rule's score of the rows to prove on; what a table without activity does not hold is not known."""
    part, rows = data.part(test), int(test.sum())
    unknown = np.full(rows, np.nan)
    return np.broadcast_to(rule.ranks(lambda key: part.get(key, unknown), parameters), rows)


def of_nothing(data: Dataset, learn: np.ndarray, test: np.ndarray) -> dict[str, float]:
    """Doing nothing: everybody gets the share of leavers among the rows to learn from."""
    labels = data.labels[test]
    constant = float(np.average(data.labels[learn], weights=data.weights[learn]))
    found = {"auc": 0.5, "average_precision": float(labels.mean()), "lift_10": 1.0, "brier": float(np.mean((constant - labels) ** 2))}
    return found | {"calibration_error": abs(constant - float(labels.mean()))}


def curves(data: Dataset, test: np.ndarray, chances: np.ndarray) -> dict[str, list[list[float]]]:
    """`reliability` [told, left, rows]; `gain` [share of the list, share of leavers, share of their ARR]; `precision_recall` [recall, precision]."""
    labels = data.labels[test]
    order = np.argsort(-chances, kind="stable")
    left = labels[order]
    known = encoding.numbers(data.part(test)["arr"]) if "arr" in data.table else np.zeros(len(labels))
    worth = np.nan_to_num(known)[order] * left
    places = np.unique(np.linspace(1, len(labels), _POINTS).astype(int))
    reached, money = np.cumsum(left), np.cumsum(worth)
    gain = [[0.0, 0.0, 0.0]] + [
        [float(at / len(labels)), float(reached[at - 1] / reached[-1]), float(money[at - 1] / money[-1]) if money[-1] else 0.0] for at in places
    ]
    if not money[-1]:
        gain = [point[:2] for point in gain]
    group = np.argsort(np.argsort(chances, kind="stable"), kind="stable") * _GROUPS // len(chances)
    reliability = [
        [float(chances[group == number].mean()), float(labels[group == number].mean()), float((group == number).sum())] for number in np.unique(group)
    ]
    return {
        "reliability": reliability,
        "gain": gain,
        "precision_recall": [[float(reached[at - 1] / reached[-1]), float(reached[at - 1] / at)] for at in places],
    }


def slices(data: Dataset, test: np.ndarray, chances: np.ndarray) -> list[dict[str, Any]]:
    """The same proof by part of the accounts: by plan and other columns with few values, by revenue and by time as a customer."""
    part, labels, when, accounts = data.part(test), data.labels[test], data.when[test], data.accounts[test]
    made = []
    for name, value, chosen in _parts(part):
        if chosen.sum() < _LEAST_ROWS:
            continue
        left = labels[chosen]
        mixed = 0 < left.sum() < len(left)
        made.append(
            {
                "name": name,
                "value": value,
                "rows": int(chosen.sum()),
                "churned": len(np.unique(accounts[chosen & (labels == 1)])),
                "auc": measures.auc(left, chances[chosen], when[chosen]) if mixed else None,
                "predicted_over_actual": float(chances[chosen].mean() / left.mean()) if left.any() else None,
            }
        )
    return made


def _parts(part: Mapping[str, Any]) -> list[tuple[str, str, np.ndarray]]:
    made: list[tuple[str, str, np.ndarray]] = []
    for key in sorted(part):
        if key == "plan" or key.startswith(TRAIT):
            texts = encoding.levels(part[key])
            names, counts = np.unique(texts, return_counts=True)
            if 1 < len(names) <= _MOST_VALUES and not np.isfinite(encoding.numbers(names.tolist())).any():
                made += [(key.removeprefix(TRAIT), str(name) or "none", texts == name) for name in names[np.argsort(-counts)]]
    for key, name in (("arr", "ARR"), ("tenure", "time as a customer")):
        if key in part:
            figures = encoding.numbers(part[key])
            edges = np.unique(np.quantile(figures[np.isfinite(figures)], (1 / 3, 2 / 3))) if np.isfinite(figures).any() else np.empty(0)
            if len(edges) == 2:
                made += [
                    (name, "lower third", figures <= edges[0]),
                    (name, "middle third", (figures > edges[0]) & (figures <= edges[1])),
                    (name, "upper third", figures > edges[1]),
                ]
    return made


def drivers(data: Dataset, test: np.ndarray, kind: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the model leans on: how much the log loss rises when the figures of one family are dealt out anew among the accounts of a date
    (permutation importance, Breiman 2001). Members of a family tell one story and are dealt out together; the interval is of the shuffles."""
    draw = np.random.default_rng(0)
    places = np.flatnonzero(test)
    if len(places) > _MOST_ROWS:
        places = np.sort(draw.choice(places, _MOST_ROWS, replace=False))
    model = engine.learned(kind, parameters)
    table, labels, when = encoding.take(data.table, places), data.labels[places], data.when[places]
    families: dict[str, list[str]] = {}
    for feature in model.features:
        families.setdefault(describe(feature).family, []).append(feature)
    before = _loss(labels, model.log_odds(table.__getitem__))
    made: list[dict[str, Any]] = []
    for family, members in families.items():
        rises = []
        for _ in range(_SHUFFLES):
            dealt = np.arange(len(places))
            for date in np.unique(when):
                here = np.flatnonzero(when == date)
                dealt[here] = draw.permutation(here)
            shuffled = table | encoding.take({key: table[key] for key in members}, dealt)
            rises.append(_loss(labels, model.log_odds(shuffled.__getitem__)) - before)
        mean, error = float(np.mean(rises)), float(np.std(rises, ddof=1) / _SHUFFLES**0.5)
        made.append({"feature": family, "words": _called(family), "loss_increase": mean, "low": mean - 2 * error, "high": mean + 2 * error})
    return sorted(made, key=lambda one: -float(one["loss_increase"]))[:_MOST_DRIVERS]


def _loss(labels: np.ndarray, log_odds: np.ndarray) -> float:
    return float(np.logaddexp(0, np.where(labels == 1, -log_odds, log_odds)).mean())


def _called(family: str) -> str:
    if family in _FAMILIES:
        return _FAMILIES[family]
    if family.startswith(NAME):
        return f"“{plain(family.removeprefix(NAME))}” in 28 days"
    name = plain(family.removeprefix(TRAIT).removeprefix(DATED))
    return name[:1].upper() + name[1:]
