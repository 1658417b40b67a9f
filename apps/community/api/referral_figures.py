"""The figures of a program as JSON: each number with its interval, and the sentence that says whether it can be told yet."""

from datetime import datetime
from math import inf
from typing import Any

from rest_framework import serializers

from apps.community import selectors


class FiguresRow(serializers.Serializer[Any]):
    as_of = serializers.DateTimeField()
    funnel = serializers.DictField(child=serializers.IntegerField())
    k = serializers.DictField(help_text="exposed, invites, approved, k, low, high, invites_per_exposed, per_invite, by_link, can_tell, words")
    cohorts = serializers.DictField(help_text="By the month in which the offer was first shown.")
    generations = serializers.DictField(help_text="0: nobody referred them; 1: somebody of generation 0 did.")
    cycle = serializers.DictField(help_text="count, days (median), low, high, words")
    incremental = serializers.DictField(help_text="shown, hidden, difference, low, high, words")
    retention = serializers.DictField(help_text="referred, others, difference, low, high, words; not by lot, so a direction only")
    worth = serializers.DictField(help_text="approved, cost, arr, months, words")


def told(found: "selectors.referrals.Analytics", now: datetime) -> dict[str, Any]:
    funnel = found.funnel
    names = ("exposed", "invited", "delivered", "clicked", "signed_up", "activated", "approved")
    return {
        "as_of": now,
        "funnel": {name: getattr(funnel, name) for name in names},
        "k": _virality(found.whole),
        "cohorts": {one.name: _virality(one.figures) for one in found.cohorts},
        "generations": {one.name: _virality(one.figures) for one in found.generations},
        "cycle": {**{name: getattr(found.cycle, name) for name in ("count", "days", "low", "high")}, "words": found.cycle.words},
        "incremental": _effect(found.incremental, "shown", "hidden"),
        "retention": _effect(found.retention, "referred", "others"),
        "worth": {
            "approved": found.worth.approved,
            "cost": str(found.worth.cost),
            "arr": str(found.worth.arr),
            "months": found.worth.months,
            "words": found.worth.words,
        },
    }


def _virality(figures: Any) -> dict[str, Any]:
    names = ("exposed", "invites", "approved", "by_invite", "by_link", "k", "low", "high", "invites_per_exposed", "per_invite", "can_tell", "words")
    found = {name: getattr(figures, name) for name in names}
    # Where nobody was shown the offer, nothing bounds it from above.
    return {name: None if value == inf else value for name, value in found.items()}


def _effect(found: Any, first: str, second: str) -> dict[str, Any]:
    return {
        first: {"accounts": found.treated.n, "did": found.treated.successes},
        second: {"accounts": found.held_out.n, "did": found.held_out.successes},
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "can_tell": found.enough,
        "words": found.words,
    }
