"""Which column of a file is which of our fields: by --map, else by the names that files usually use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .problems import Problem
from .table import Table, Unreadable

# Our field -> the names (letters and digits only) that are recognised, the likeliest first.
ACCOUNT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("accountid", "externalid", "customerid", "companyid", "clientid", "id", "account", "customer"),
    "name": ("name", "accountname", "companyname", "customername"),
    "start_date": ("startdate", "startedon", "signupdate", "customersince", "createdat"),
    "renews_on": ("renewson", "plannedenddate", "renewaldate", "contractend", "contractenddate"),
    "churn_date": ("churndate", "churnedon", "churnedat", "canceldate", "cancelledon", "cancellationdate"),
    "plan": ("plan", "plantier", "planname"),
    "arr": ("arr",),
    "mrr": ("mrr",),
    "seats": ("seats", "licenses", "licences"),
    "currency": ("currency",),
    "owner_email": ("owneremail", "csmemail"),
    "domain": ("domain", "website"),
    "time_zone": ("timezone", "tz"),
}
ACTIVITY_FIELDS: Mapping[str, tuple[str, ...]] = {
    "account": ("accountid", "customerid", "companyid", "groupid", "account", "customer", "id"),
    "at": ("timestamp", "at", "occurredat", "time", "datetime", "eventtime", "eventtimestamp", "date", "createdat"),
    "name": ("eventtype", "event", "eventname", "name", "type", "activity", "action"),
    "value": ("value", "amount", "count"),
    "contact": ("contactid", "userid", "contact"),
}


@dataclass(frozen=True)
class Columns:
    """Where each of our fields stands in a row, and the other columns by name."""

    fields: dict[str, int]
    others: dict[str, int]
    problems: list[Problem] = field(default_factory=list)


def plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def read_map(words: str, fields: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """`id=account_id,name=Company` -> {"id": "account_id", "name": "Company"}; our side may be written in any recognised way."""
    chosen: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in words.split(","))):
        ours, equals, theirs = (part.strip() for part in pair.partition("="))
        if not equals or not ours or not theirs:
            raise Unreadable(f"--map {pair!r} is not our_field=their_column. For example: --map id=customer_no,name=company")
        known = next((name for name, names in fields.items() if ours == name), None) or next(
            (name for name, names in fields.items() if plain(ours) in names or plain(ours) == plain(name)), None
        )
        if known is None:
            raise Unreadable(f"--map names our field {ours!r}, which does not exist. The fields are: {', '.join(fields)}.")
        if known in chosen:
            raise Unreadable(f"--map names our field {known!r} twice.")
        chosen[known] = theirs
    return chosen


def find(table: Table, chosen: Mapping[str, str], fields: Mapping[str, tuple[str, ...]], *, leave_out: frozenset[str] = frozenset()) -> Columns:
    """`leave_out` are columns with a part of their own, such as the one that says who churned."""
    places, problems = {}, []
    for ours, theirs in chosen.items():
        if theirs in table.columns:
            places[ours] = table.columns[theirs]
        else:
            words = f'--map names the column "{theirs}" for {ours}, but the file has: {", ".join(table.columns)}.'
            problems.append(Problem(None, theirs, words))
    taken = set(places.values()) | {table.columns[name] for name in leave_out if name in table.columns}
    by_plain = {plain(name): place for name, place in reversed(table.columns.items()) if place not in taken}
    for ours, names in fields.items():
        if ours not in chosen and (place := next((by_plain[name] for name in names if name in by_plain), None)) is not None and place not in taken:
            places[ours] = place
            taken.add(place)
    return Columns(places, {name: place for name, place in table.columns.items() if place not in taken}, problems)
